// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/options.h"
#include "msg/status.h"

/// Work on whole stores, for operators: moving one into another, and looking for damage.
namespace msg {

/// How far copying, comparing or checking has come.
struct Progress {
  enum class Stage { copying, comparing, checking };
  Stage stage{};
  std::string_view table;   ///< For people: "messages".
  std::int64_t rows{};      ///< Of the table, so far.
  std::int64_t expected{};  ///< Of the table in all, where that is known, else 0.
};
/// Called on the calling thread, after some hundred or thousand rows each.
using ProgressHandler = std::function<void(const Progress&)>;

struct CopyOptions {
  /// Compares all rows of both stores afterwards.
  bool verify = false;
  /// Differences that are put into words; all are counted.
  std::size_t differences_max = 20;
  /// A commit of the target ends with the row that reaches either bound.
  int batch_rows = 8192;
  std::size_t batch_bytes = std::size_t{4} << 20;
  Options store;
  ProgressHandler progress;
};

struct CopyReport {
  bool was_resumed{};   ///< An earlier attempt had copied a part.
  bool was_complete{};  ///< It had copied everything: nothing was left to do.
  std::int64_t rows{};  ///< In the target now, without what only leads to them.
  std::int64_t messages{};
  bool is_verified{};
  std::int64_t difference_count{};
  std::vector<std::string> differences;  ///< Sentences with ids, never with content.
};

/// Makes the store `to` a copy of the store `from`: every row, the identity and the versions, so
/// that cursors and tokens given by the one are good for the other. The source is not changed;
/// what msg::open() would migrate is migrated.
///
/// The target is new, or empty, or a copy of the same source that was cut short at any moment: it
/// keeps its place with its rows, and is refused by msg::open() until it is complete.
///
/// Memory is bounded: a batch, a few pages of rows, and 4 MiB while it goes through members.
///
/// conflict: a store is open elsewhere; the target holds something else; the source was written
/// to since the copy was begun. not_found: no source. corrupt: a row of the source cannot be
/// read; check_store() says which others. A difference is no error.
Result<CopyReport> copy_store(std::string_view from, std::string_view to,
                              const CopyOptions& options = {});

struct CheckOptions {
  /// Problems that are put into words; all are counted.
  std::size_t problems_max = 100;
  Options store;
  ProgressHandler progress;
};

struct CheckReport {
  std::int64_t users{};
  std::int64_t sessions{};
  std::int64_t api_keys{};
  std::int64_t conversations{};
  std::int64_t members{};
  std::int64_t messages{};
  std::int64_t idempotency_keys{};
  std::int64_t problem_count{};
  std::vector<std::string> problems;  ///< Sentences with ids, never with content.
};

/// Reads everything in the store at `url` and looks whether it fits together: messages are numbered
/// without a hole, heads and counts are what a recount gives, watermarks lie where they may, each
/// index leads to its row and each row has its index entries, versions are below the newest.
///
/// Memory is bounded by half a KiB for each member, present or former, of the largest conversation.
///
/// not_found: no store. conflict: open elsewhere. A problem is no error.
Result<CheckReport> check_store(std::string_view url, const CheckOptions& options = {});

/// For people: which steps of the schema are there and which opening the store would run; how it
/// would be spread over a Citus, and which statements stay on one shard then. Changes nothing.
///
/// invalid_argument: no PostgreSQL. unavailable: it does not answer.
Result<std::string> plan_schema(std::string_view url);

}  // namespace msg
