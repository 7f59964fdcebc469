// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_engine.h"

#include <new>
#include <string>
#include <utility>

namespace msg::memory {
namespace {

std::unexpected<Error> out_of_memory() {
  return fail(Code::unavailable, "out of memory");
}

Result<bool> get_from(const Node* root, std::string_view key, std::string& value) {
  const auto found = find(root, key);
  if (!found) return false;
  try {
    value.assign(*found);
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
  return true;
}

}  // namespace

class MemoryEngine::View final : public KvView {
 public:
  explicit View(MemoryEngine& engine) : engine_(engine) {
    const std::lock_guard lock(engine.mutex_);
    version_ = engine.views_.try_emplace(engine.number_, 0).first;
    ++version_->second;
    root_ = engine.root_;
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() override {
    const std::lock_guard lock(engine_.mutex_);
    if (--version_->second == 0) engine_.views_.erase(version_);
  }

  Result<bool> get(std::string_view key, std::string& value) override {
    return get_from(root_, key, value);
  }
  Result<void> scan(const KvRange& range, KvDirection direction, const KvVisitor& visit) override {
    memory::scan(root_, range, direction, visit);
    return {};
  }

 private:
  MemoryEngine& engine_;
  const Node* root_ = nullptr;
  ViewCounts::iterator version_;
};

class MemoryEngine::Batch final : public KvBatch {
 public:
  explicit Batch(MemoryEngine& engine) : engine_(engine), edit_(engine.root_, engine.number_ + 1) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() override { engine_.writing_ = false; }

  Result<bool> get(std::string_view key, std::string& value) override {
    return get_from(edit_.root(), key, value);
  }
  Result<void> scan(const KvRange& range, KvDirection direction, const KvVisitor& visit) override {
    memory::scan(edit_.root(), range, direction, visit);
    return {};
  }
  Result<void> put(std::string_view key, std::string_view value) override {
    return attempt([&] { edit_.put(key, value); });
  }
  Result<void> erase(std::string_view key) override {
    return attempt([&] { edit_.erase(key); });
  }
  Result<void> commit() override {
    if (ended_) return fail(Code::unavailable, "batch has ended");
    MSG_CHECK(attempt([this] { engine_.publish(edit_); }));
    ended_ = true;
    return {};
  }

 private:
  // After a failure the batch holds half of what its owner meant, so it must not be committed.
  template <class Change>
  Result<void> attempt(Change change) {
    try {
      change();
    } catch (const std::bad_alloc&) {
      ended_ = true;
      return out_of_memory();
    }
    return {};
  }

  MemoryEngine& engine_;
  TreeEdit edit_;
  bool ended_ = false;
};

MemoryEngine::~MemoryEngine() {
  for (const Retired& retired : retired_) free_blocks(retired.blocks);
  free_tree(root_);
}

Result<std::unique_ptr<KvView>> MemoryEngine::view() {
  try {
    return std::make_unique<View>(*this);
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

Result<std::unique_ptr<KvBatch>> MemoryEngine::begin() {
  if (writing_.exchange(true)) return fail(Code::unavailable, "a write is open already");
  try {
    return std::make_unique<Batch>(*this);
  } catch (const std::bad_alloc&) {
    writing_ = false;
    return out_of_memory();
  }
}

void MemoryEngine::publish(TreeEdit& edit) {
  retired_.push_back({.number = number_ + 1, .blocks = {}});  // the one step that can fail
  retired_.back().blocks = edit.release();
  const std::size_t count = retired_.back().blocks.size();
  std::uint64_t oldest = 0;
  {
    const std::lock_guard lock(mutex_);
    root_ = edit.root();
    ++number_;
    oldest = views_.empty() ? number_ : views_.begin()->first;
  }
  // More than came in, so that a heap left by a slow reader melts; not all of it at once, so that
  // no commit waits for it.
  free_retired(oldest, 2 * count + 256);
}

void MemoryEngine::free_retired(std::uint64_t oldest, std::size_t count_max) noexcept {
  while (!retired_.empty() && retired_.front().number <= oldest) {
    Blocks& blocks = retired_.front().blocks;
    for (; !blocks.empty(); blocks.pop_back(), --count_max) {
      if (count_max == 0) return;
      ::operator delete(blocks.back());
    }
    retired_.pop_front();
  }
}

std::size_t MemoryEngine::retained() const {
  std::size_t count = 0;
  for (const Retired& retired : retired_) count += retired.blocks.size();
  return count;
}

}  // namespace msg::memory
