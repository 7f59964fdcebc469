// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "msgctl/chat_display.h"
#include "msgctl/chat_session.h"
#include "msgctl/failure.h"
#include "msgctl/line_editor.h"
#include "msgctl/people.h"
#include "msgctl/tick_marks.h"

namespace msgctl {

/// A chat for people: what is said scrolls by above the line that is being written, and the ticks
/// of own messages change where they stand as long as they are on the screen.
class ChatTerminal final : public ChatDisplay {
 public:
  /// `title`: the person or group; `names` outlives this.
  ChatTerminal(msg::UserId me, std::string_view title, Names& names);

  /// Until Ctrl-D, /quit or a signal.
  Outcome<Exit> run(ChatSession& session);

  void show(const Show& show) override;
  void online() override;
  void offline(const std::string& why) override;
  void window_changed() override;

 private:
  void take_line(ChatSession& session, const std::string& line);
  void take_command(ChatSession& session, std::string_view command);
  void list_members(const ChatSession& session);
  void tell_state(const ChatSession& session);

  void show_one(const ShowMessage& show);
  void show_one(const ShowChange& show);
  void show_one(const ShowProgress& show);
  void show_one(const ShowOlder& show);
  void show_one(const ShowTyping& show);
  void show_one(const ShowRefused& show);
  void show_one(const ShowMember& show);

  void print_day(msg::Time time);
  std::string line_of(const msg::Message& message);
  /// Puts whole lines above the line being written.
  void print(std::string_view lines);
  void note(std::string_view text);
  void update_prompt();

  msg::UserId me_;
  std::string title_;
  Names& names_;
  bool colors_;
  LineEditor editor_;
  TickMarks marks_;
  std::string day_;
  std::vector<std::string> typing_;
  std::string offline_why_{"connecting"};
  std::size_t waiting_{0};
  bool quit_{false};
};

}  // namespace msgctl
