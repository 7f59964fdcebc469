// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "msg/status.h"
#include "msgctl/chat_pipe.h"
#include "msgctl/chat_session.h"
#include "msgctl/chat_terminal.h"
#include "msgctl/conversation.h"
#include "msgctl/json.h"
#include "msgctl/people.h"
#include "msgctl/signals.h"

namespace msgctl {
namespace {

constexpr int kTerminalHistory = 30;

/// What the other side is called: the person, or the group's title.
std::string title_of(const msg::Conversation& conversation, msg::UserId me, Names& names) {
  if (conversation.kind == msg::ConversationKind::group) return conversation.title;
  for (const auto user : conversation.direct_users) {
    if (user != me) return names.of(user);
  }
  return names.of(me);
}

}  // namespace

Outcome<Exit> chat(const Globals& globals, const Chat& command) {
  if (!globals.store.empty()) return bad_usage("A chat goes through a server, not a --store.");
  Signals signals;
  MSG_TRY(const auto settings, load_settings(globals));
  MSG_TRY(const auto api, user_api(settings, globals.as));
  MSG_TRY(const auto answer, api.get("/me"));
  const auto me = read_user(answer);
  MSG_TRY(const auto conversation, find_conversation(api, command.target));

  Names names(api);
  names.know(me);
  ChatSetup setup{.api = api, .me = me.id, .conversation = conversation, .history = 0};
  if (!globals.json && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1) {
    setup.history = command.history < 0 ? kTerminalHistory : command.history;
    ChatTerminal terminal(me.id, title_of(conversation, me.id, names), names);
    ChatSession session(std::move(setup), terminal, signals);
    return terminal.run(session);
  }
  setup.history = std::max(command.history, 0);
  ChatPipe pipe(me.id, names, {.json = globals.json, .stay = command.stay});
  ChatSession session(std::move(setup), pipe, signals);
  return pipe.run(session);
}

}  // namespace msgctl
