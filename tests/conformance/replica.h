// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>

#include "msg/messenger.h"

namespace msg::test {

/// What a device knows: built from sync deltas and events alone, the way a client would.
class Replica {
 public:
  struct Chat {
    std::string title;
    bool active{true};
    std::int64_t unread{};
    std::map<Seq, std::string> messages;
    std::map<UserId, std::pair<Seq, Seq>> marks;  ///< delivered, read
    std::map<UserId, Role> roles;
    bool operator==(const Chat&) const = default;
  };
  using Chats = std::map<ConversationId, Chat>;

  Replica(Messenger& messenger, UserId user) : messenger_(messenger), user_(user) {}

  /// Applies pages until there are no more; returns how many.
  int catch_up(int limit);
  void apply(const SyncPage& page);
  const std::string& cursor() const { return cursor_; }
  void set_cursor(std::string cursor) { cursor_ = std::move(cursor); }

  /// What the user can see now, asked for by other means: lists and histories.
  static Chats truth(Messenger& messenger, UserId user);

  Chats chats;

 private:
  void apply(const ConversationDelta& delta);

  Messenger& messenger_;
  UserId user_;
  std::string cursor_;
};

}  // namespace msg::test
