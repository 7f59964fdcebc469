// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocks_engine.h"

#include <utility>

#include "store/rocksdb/cursor.h"
#include "store/rocksdb/status.h"

namespace msg::rocks {
namespace {

// Of a usual batch: some hundred messages. What is larger is given back after the commit.
constexpr std::size_t kScratchBytes = 256 * 1024;
constexpr std::size_t kLogEntryBytesKept = 1024 * 1024;

}  // namespace

class RocksEngine::View final : public KvView {
 public:
  explicit View(RocksEngine& engine)
      : engine_(engine), snapshot_(engine.database_->GetSnapshot()) {}
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() override { engine_.database_->ReleaseSnapshot(snapshot_); }

  Result<bool> get(std::string_view key, std::string& value) override {
    return engine_.get(key, snapshot_, value);
  }

  Result<void> scan(const KvRange& range, KvDirection direction, const KvVisitor& visit) override {
    Cursor cursor(*engine_.database_, engine_.handle_of(range.begin), snapshot_, range, direction);
    while (cursor.valid() && visit(cursor.key(), cursor.value())) cursor.next();
    if (!cursor.status().ok()) return std::unexpected(engine_.read_error(cursor.status()));
    return {};
  }

 private:
  RocksEngine& engine_;
  const rocksdb::Snapshot* snapshot_;
};

// Reads what is below it without a snapshot: nobody else commits while it is open.
class RocksEngine::Batch final : public KvBatch {
 public:
  explicit Batch(RocksEngine& engine) : engine_(engine), overlay_(engine.scratch_) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() override { engine_.writing_ = false; }

  Result<bool> get(std::string_view key, std::string& value) override {
    if (const WriteOverlay::Value* const own = overlay_.find(key)) {
      if (*own) value.assign(**own);
      return own->has_value();
    }
    return engine_.get(key, nullptr, value);
  }

  Result<void> scan(const KvRange& range, KvDirection direction, const KvVisitor& visit) override;

  Result<void> put(std::string_view key, std::string_view value) override {
    overlay_.put(key, value);
    return {};
  }
  Result<void> erase(std::string_view key) override {
    overlay_.erase(key);
    return {};
  }
  Result<void> commit() override {
    if (std::exchange(ended_, true)) return fail(Code::unavailable, "batch has ended");
    return engine_.write(overlay_);
  }

 private:
  RocksEngine& engine_;
  WriteOverlay overlay_;
  bool ended_ = false;
};

// Two sequences in order, merged: where both have a key, the own write is what counts.
Result<void> RocksEngine::Batch::scan(const KvRange& range, KvDirection direction,
                                      const KvVisitor& visit) {
  Cursor stored(*engine_.database_, engine_.handle_of(range.begin), nullptr, range, direction);
  auto own = overlay_.sorted(range);
  const bool forward = direction == KvDirection::forward;
  while (!own.empty() || stored.valid()) {
    const WriteOverlay::Entry* const next =
        own.empty() ? nullptr : (forward ? own.front() : own.back());
    const int order = next == nullptr   ? 1
                      : !stored.valid() ? -1
                      : forward         ? next->first.compare(stored.key())
                                        : stored.key().compare(next->first);
    bool more = true;
    if (order <= 0) {
      if (next->second) more = visit(next->first, *next->second);
      own = forward ? own.subspan(1) : own.first(own.size() - 1);
    } else {
      more = visit(stored.key(), stored.value());
    }
    if (!more) break;
    if (order >= 0) stored.next();
  }
  if (!stored.status().ok()) return std::unexpected(engine_.read_error(stored.status()));
  return {};
}

RocksEngine::RocksEngine(std::string path, std::shared_ptr<Health> health, const Settings& settings)
    : path_(std::move(path)),
      health_(std::move(health)),
      cache_(settings.cache),
      scratch_(kScratchBytes) {}

RocksEngine::~RocksEngine() {
  if (!database_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    database_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  // Every commit is in the log already: what fails here loses nothing.
  database_->Close().PermitUncheckedError();
}

Result<std::unique_ptr<KvView>> RocksEngine::view() {
  return std::make_unique<View>(*this);
}

Result<std::unique_ptr<KvBatch>> RocksEngine::begin() {
  MSG_CHECK(health_->check());
  if (writing_.exchange(true)) return fail(Code::unavailable, "a write is open already");
  try {
    return std::make_unique<Batch>(*this);
  } catch (...) {
    writing_ = false;
    throw;
  }
}

Result<void> RocksEngine::check() {
  MSG_CHECK(health_->check());
  std::string value;
  MSG_CHECK(get("z", nullptr, value));
  return {};
}

Result<std::vector<std::string>> RocksEngine::inspect() {
  const rocksdb::Status status = database_->VerifyChecksum();
  if (status.ok()) return std::vector<std::string>{};
  if (!status.IsCorruption()) return std::unexpected(read_error(status));
  return std::vector<std::string>{"RocksDB: " + status.ToString()};
}

Result<bool> RocksEngine::get(std::string_view key, const rocksdb::Snapshot* snapshot,
                              std::string& value) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const rocksdb::Status status = database_->Get(options, handle_of(key), key, &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return std::unexpected(read_error(status));
}

// In the order of the keys, so that each goes into its memtable close to the one before.
Result<void> RocksEngine::write(WriteOverlay& overlay) {
  MSG_CHECK(health_->check());
  log_entry_.Clear();
  rocksdb::Status status;
  for (const WriteOverlay::Entry* entry : overlay.sorted()) {
    const auto& [key, value] = *entry;
    status = value ? log_entry_.Put(handle_of(key), key, *value)
                   : log_entry_.Delete(handle_of(key), key);
    if (!status.ok()) return std::unexpected(error_of(status, path_));
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  status = database_->Write(options, &log_entry_);
  if (log_entry_.Data().capacity() > kLogEntryBytesKept) log_entry_ = rocksdb::WriteBatch();
  if (status.ok()) return {};
  health_->write_failed(status);
  return std::unexpected(error_of(status, path_));
}

Error RocksEngine::read_error(const rocksdb::Status& status) const {
  return error_of(status, path_);
}

}  // namespace msg::rocks
