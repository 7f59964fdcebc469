// SPDX-License-Identifier: Apache-2.0
#include "msgctl/conversation.h"

#include "msg/status.h"
#include "msgctl/json.h"
#include "msgctl/people.h"

namespace msgctl {

Outcome<msg::Conversation> find_conversation(const Api& api, const Target& target) {
  if (target.who.empty() == target.group.empty()) {
    return bad_usage("Name one conversation: a person, or --group ID.");
  }
  if (!target.group.empty()) {
    MSG_TRY(const auto view, api.get("/conversations/" + url_escape(target.group)));
    return read_view(view).conversation;
  }
  MSG_TRY(const auto peer, find_user(api, target.who));
  MSG_TRY(const auto made,
          api.post("/conversations", {{"kind", "direct"}, {"user_id", to_text(peer.id)}}));
  return read_conversation(made);
}

}  // namespace msgctl
