// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "store/postgres/connection.h"
#include "store/store.h"

namespace msg::postgres {

/// What a commit does to lists of conversations.
struct ListEntry {
  std::set<ConversationId> conversations;  ///< Whose activity rises.
  std::set<UserId> users;                  ///< Who join or leave any.
  bool empty() const { return conversations.empty() && users.empty(); }
};

/// Writes for other processes, as a row per commit, which lists a commit changes, so that they need
/// not read all conversations of a user to know what became of a list (Snapshot::list_news()). It
/// keeps the latest kKept rows, and up to as many more.
///
/// Thread safety: one thread at a time.
class ListLog {
 public:
  static constexpr std::size_t kKept = 256;

  /// Queues a commit's row, and with it the writer's: it has now committed up to `last`, and had up
  /// to `before`.
  void send(Connection& connection, std::int64_t writer, const ListEntry& entry, Version before,
            Version last);
  /// What was queued is committed, or certainly or possibly not.
  void sent(bool is_committed);

 private:
  std::vector<Version> rows_;      ///< Of this process, ascending.
  std::optional<Version> queued_;  ///< The row of the commit that is under way.
  std::optional<Version> erased_;  ///< It erases all up to this one.
  bool is_begun_{false};
};

}  // namespace msg::postgres
