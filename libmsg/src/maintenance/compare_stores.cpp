// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "maintenance/copy_store.h"
#include "maintenance/describe.h"
#include "maintenance/record_stream.h"

namespace msg {
namespace {

class Comparer {
 public:
  Comparer(Snapshot& from, Snapshot& to, const CopyOptions& options, CopyReport& report)
      : from_(from), to_(to), options_(options), report_(report) {}

  Result<void> compare_all() {
    if (options_.progress) {
      MSG_TRY(messages_expected_, count_messages(from_));
    }
    for (std::size_t i = 0; i < kTables; ++i) MSG_CHECK(compare(static_cast<Table>(i)));
    return {};
  }

  Result<void> compare(Table table) {
    RecordStream source(from_, table, RecordKey::first(),
                        [&](std::int64_t rows) { tell(table, rows); });
    RecordStream target(to_, table);
    while (true) {
      MSG_TRY(const Record* const a, source.peek());
      MSG_TRY(const Record* const b, target.peek());
      if (a == nullptr && b == nullptr) return {};
      if (b == nullptr || (a != nullptr && a->key < b->key)) {
        differ(words_of(table, a->key) + " is missing in the target");
        source.skip();
      } else if (a == nullptr || b->key < a->key) {
        differ(words_of(table, b->key) + " is in the target only");
        target.skip();
      } else {
        if (*a != *b) differ(words_of(table, a->key) + " is not the same in both");
        source.skip();
        target.skip();
      }
    }
  }

  void differ(std::string what) {
    ++report_.difference_count;
    if (report_.differences.size() < options_.differences_max) {
      report_.differences.push_back(std::move(what));
    }
  }

 private:
  void tell(Table table, std::int64_t rows) const {
    if (!options_.progress) return;
    options_.progress({.stage = Progress::Stage::comparing,
                       .table = name_of(table),
                       .rows = rows,
                       .expected = table == Table::messages ? messages_expected_ : 0});
  }

  Snapshot& from_;
  Snapshot& to_;
  const CopyOptions& options_;
  CopyReport& report_;
  std::int64_t messages_expected_{0};
};

}  // namespace

Result<void> compare_stores(Store& from, Store& to, const CopyOptions& options,
                            CopyReport& report) {
  MSG_TRY(const auto source, from.snapshot());
  MSG_TRY(const auto target, to.snapshot());
  Comparer comparer(*source, *target, options, report);
  const bool same_identity = from.identity().epoch == to.identity().epoch &&
                             from.identity().cursor_secret == to.identity().cursor_secret;
  if (!same_identity) comparer.differ("the identity, which cursors name, is not the same in both");
  MSG_TRY(const Horizon source_horizon, source->horizon());
  MSG_TRY(const Horizon target_horizon, target->horizon());
  if (source_horizon != target_horizon) comparer.differ("the newest versions are not the same");
  MSG_CHECK(comparer.compare_all());
  report.is_verified = true;
  return {};
}

}  // namespace msg
