// SPDX-License-Identifier: Apache-2.0
#include "msgctl/conversation.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "msg/status.h"
#include "msgctl/json.h"
#include "msgctl/people.h"

namespace msgctl {
namespace {

/// Above it the server pushes only one's own receipts, see docs/websocket-api.md.
constexpr std::int64_t kPushedMembersMax = 256;

Outcome<std::vector<msg::Member>> load_members(const Api& api, const std::string& folder) {
  std::vector<msg::Member> members;
  Query query{{"limit", "200"}, {"cursor", ""}};
  while (true) {
    MSG_TRY(const auto answer, api.get(folder + "/members", query));
    std::ranges::move(read_items(answer, read_member), std::back_inserter(members));
    const auto& page = object_at(answer, "page");
    if (!flag_at(page, "has_more")) return members;
    query.back().second = text_at(page, "next");
  }
}

}  // namespace

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

Outcome<ConversationState> load_conversation(const Api& api, msg::ConversationId id, int messages) {
  const std::string folder = "/conversations/" + to_text(id);
  MSG_TRY(const auto answer, api.get(folder));
  const auto view = read_view(answer);
  ConversationState state{.members = {view.self}, .page = {}, .before = view.conversation.last_seq};
  // Before the messages, so that their states are at least as new.
  if (view.conversation.member_count <= kPushedMembersMax) {
    MSG_TRY(state.members, load_members(api, folder));
  }
  if (messages == 0) return state;
  MSG_TRY(const auto page,
          api.get(folder + "/messages", {{"limit", std::to_string(messages)}, {"order", "desc"}}));
  state.page = read_items(page, read_message);
  std::ranges::reverse(state.page);
  if (!state.page.empty()) {
    state.before = msg::Seq{msg::to_int(state.page.front().id.seq) - 1};
  }
  return state;
}

}  // namespace msgctl
