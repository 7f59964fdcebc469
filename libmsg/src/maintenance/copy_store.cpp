// SPDX-License-Identifier: Apache-2.0
// Table by table, in the order of keys; the place in it is committed together with the rows.
#include "maintenance/copy_store.h"

#include <numeric>

#include "maintenance/describe.h"
#include "maintenance/record_stream.h"
#include "maintenance/writer_runs.h"

namespace msg {
namespace {

Result<bool> is_empty(Snapshot& snapshot) {
  for (std::size_t i = 0; i < kTables; ++i) {
    MSG_TRY(const auto records,
            snapshot.scan(static_cast<Table>(i), RecordKey::first(), {.rows = 1, .bytes = 1}));
    if (!records.empty()) return false;
  }
  MSG_TRY(const Version last, snapshot.last_version());
  return last == Version{};
}

std::unexpected<Error> refuse(std::string why) {
  return fail(Code::conflict, std::move(why), "to");
}

/// The writing side: transactions of bounded size.
class Batches {
 public:
  Batches(Store& store, const CopyOptions& options, CopyState& state)
      : store_(store), options_(options), state_(state) {}

  template <class Row>
  Result<void> put(const Row& row, std::size_t bytes) {
    if (!open_) {
      MSG_TRY(open_, store_.begin_import());
    }
    ++rows_;
    bytes_ += bytes;
    return open_->put(row);
  }
  bool is_full() const { return rows_ >= options_.batch_rows || bytes_ >= options_.batch_bytes; }
  /// With the state as the place from which to go on.
  Result<void> commit() {
    if (!open_) return {};
    MSG_CHECK(open_->commit(encode_copy_state(state_)));
    open_.reset();
    rows_ = 0;
    bytes_ = 0;
    return {};
  }
  Result<void> finish(const StoreIdentity& identity, const Horizon& horizon,
                      std::span<const Life> lives) {
    MSG_CHECK(commit());
    MSG_TRY(const auto last, store_.begin_import());
    return last->finish(identity, horizon, lives);
  }

 private:
  Store& store_;
  const CopyOptions& options_;
  CopyState& state_;
  std::unique_ptr<ImportTransaction> open_;
  int rows_{0};
  std::size_t bytes_{0};
};

class Copier {
 public:
  Copier(Store& from, Snapshot& source, Store& to, const CopyOptions& options, CopyState state)
      : from_(from),
        source_(source),
        options_(options),
        state_(std::move(state)),
        batches_(to, options, state_) {}

  Result<void> run() {
    if (options_.progress) {
      MSG_TRY(messages_expected_, count_messages(source_));
    }
    while (state_.stage < kTables) {
      const auto table = static_cast<Table>(state_.stage);
      if (!is_way(table)) MSG_CHECK(copy_table(table));
      begin_stage(state_.stage + 1);
    }
    if (has_other_writers(state_.source_horizon)) MSG_CHECK(copy_writers());
    MSG_TRY(const auto lives, source_.list_lives());
    return batches_.finish(from_.identity(), state_.source_horizon, lives);
  }

  const CopyState& state() const { return state_; }

 private:
  void begin_stage(std::size_t stage) {
    state_.stage = stage;
    state_.after = RecordKey::first();
  }

  Result<void> copy_table(Table table) {
    std::int64_t& rows = state_.rows.at(state_.stage);
    RecordStream records(source_, table, state_.after);
    tell(table, rows);
    while (true) {
      MSG_TRY(const Record* const record, records.peek());
      if (record == nullptr) break;
      if (const auto* bad = std::get_if<Unreadable>(&record->row)) {
        return fail(Code::corrupt, words_of(table, record->key) + " cannot be read: " + bad->why);
      }
      MSG_CHECK(batches_.put(*record, size_of(*record)));
      ++rows;
      state_.after = record->key;
      records.skip();
      if (!batches_.is_full()) continue;
      MSG_CHECK(batches_.commit());
      tell(table, rows);
    }
    MSG_CHECK(batches_.commit());
    tell(table, rows);
    return {};
  }

  Result<void> copy_writers() {
    // Runs are replaced when they come again, so a conversation that was cut short begins anew.
    const auto take = [&](const WriterRun& run) -> Result<void> {
      MSG_CHECK(batches_.put(run, sizeof run));
      return batches_.is_full() ? batches_.commit() : Result<void>{};
    };
    RecordStream heads(source_, Table::conversations, state_.after);
    while (true) {
      MSG_TRY(const Record* const record, heads.peek());
      if (record == nullptr) break;
      const auto& head = std::get<Stamped<ConversationRow>>(record->row);
      MSG_CHECK(for_each_writer_run(source_, head, take));
      state_.after = record->key;
      heads.skip();
    }
    return {};
  }

  void tell(Table table, std::int64_t rows) const {
    if (!options_.progress) return;
    options_.progress({.stage = Progress::Stage::copying,
                       .table = name_of(table),
                       .rows = rows,
                       .expected = table == Table::messages ? messages_expected_ : 0});
  }

  Store& from_;
  Snapshot& source_;
  const CopyOptions& options_;
  CopyState state_;
  Batches batches_;
  std::int64_t messages_expected_{0};
};

/// Where to begin, or nothing when all is there already.
Result<std::optional<CopyState>> find_place(Store& from, Store& to, const Horizon& horizon) {
  CopyState fresh{.source_epoch = from.identity().epoch, .source_horizon = horizon};
  MSG_TRY(const std::string bytes, to.import_state());
  if (!bytes.empty()) {
    MSG_TRY(CopyState state, decode_copy_state(bytes));
    if (state.source_epoch != fresh.source_epoch) {
      return refuse("the target is an incomplete copy of another store");
    }
    if (state.source_horizon != horizon) {
      return refuse(
          "the source was written to since this copy was begun: remove the target and copy anew");
    }
    return state;
  }
  MSG_TRY(const auto target, to.snapshot());
  MSG_TRY(const bool empty, is_empty(*target));
  if (empty) return fresh;
  if (to.identity().epoch != fresh.source_epoch) {
    return refuse("the target is not empty, and no copy of the source");
  }
  MSG_TRY(const Horizon target_horizon, target->horizon());
  if (target_horizon == horizon) return std::nullopt;
  return refuse("the target is a copy of the source, but one of the two was written to since");
}

}  // namespace

Result<std::int64_t> count_messages(Snapshot& snapshot) {
  std::int64_t count = 0;
  RecordStream heads(snapshot, Table::conversations);
  while (true) {
    MSG_TRY(const Record* const record, heads.peek());
    if (record == nullptr) return count;
    if (const auto* head = std::get_if<Stamped<ConversationRow>>(&record->row)) {
      count += to_int(head->row.last_seq);
    }
    heads.skip();
  }
}

Result<CopyReport> copy_store(Store& from, Store& to, const CopyOptions& options) {
  MSG_TRY(const auto source, from.snapshot());
  MSG_TRY(const Horizon horizon, source->horizon());
  MSG_TRY(auto place, find_place(from, to, horizon));
  CopyReport report;
  if (!place) {
    report.was_complete = true;
    return report;
  }
  report.was_resumed = std::accumulate(place->rows.begin(), place->rows.end(), 0LL) > 0;
  Copier copier(from, *source, to, options, *std::move(place));
  MSG_CHECK(copier.run());
  const auto& rows = copier.state().rows;
  report.rows = std::accumulate(rows.begin(), rows.end(), std::int64_t{0});
  report.messages = rows.at(static_cast<std::size_t>(Table::messages));
  return report;
}

}  // namespace msg
