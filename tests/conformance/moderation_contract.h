// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract.h"
#include "msg/moderation.h"

namespace msg::test {

/// A group of alice and bob, and what its owner does there.
class ModerationContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");
  ConversationId room_ = group(alice_, {bob_.id});

  Moderation moderation() { return Moderation{*messenger_}; }
  Conversation change(const RulesPatch& patch) {
    return must(moderation().change_rules(alice_.id, room_, patch));
  }
  Result<Message> try_send(const User& sender, ConversationId conversation,
                           const std::string& client_id = {}) {
    return messenger_->send({.conversation = conversation,
                             .sender = sender.id,
                             .content = "text",
                             .client_id = client_id});
  }
  Invitation invite(const NewInvitation& wanted) {
    return must(moderation().create_invitation(alice_.id, wanted));
  }
  Result<std::optional<Member>> join(const User& user, const std::string& token) {
    return moderation().join(user.id, token);
  }
  std::vector<UserId> asking() {
    std::vector<UserId> users;
    for (const auto& one : must(moderation().list_join_requests(alice_.id, room_, {})).items) {
      users.push_back(one.user);
    }
    return users;
  }
};

}  // namespace msg::test
