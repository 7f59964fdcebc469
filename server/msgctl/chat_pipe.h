// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msgctl/chat_display.h"
#include "msgctl/chat_session.h"
#include "msgctl/failure.h"
#include "msgctl/people.h"

namespace msgctl {

/// A chat for programs: a line in is a message, an event is a line out. `msgctl chat --help` has
/// the form of the lines.
class ChatPipe final : public ChatDisplay {
 public:
  struct Options {
    bool json{false};
    bool stay{false};  ///< Go on after the end of the input.
  };

  ChatPipe(msg::UserId me, Names& names, Options options)
      : me_(me), names_(names), options_(options) {}

  /// Until the input has ended and is settled, or a signal came, or nobody reads the output.
  Outcome<Exit> run(ChatSession& session);

  void show(const Show& show) override;
  void online() override;
  void offline(const std::string& why) override;
  void window_changed() override {}

 private:
  void read_input();
  void feed(ChatSession& session);
  std::optional<std::string> next_line();
  /// One event: fields between tabs, or what `json` writes.
  template <class Json>
  void put(std::initializer_list<std::string_view> fields, Json json);

  void show_one(const ShowMessage& show);
  void show_one(const ShowChange& show);
  void show_one(const ShowProgress& show);
  void show_one(const ShowOlder& show);
  void show_one(const ShowTyping& show);
  void show_one(const ShowRefused& show);
  void show_one(const ShowMember& show);

  msg::UserId me_;
  Names& names_;
  Options options_;
  std::string input_;
  bool passing_over_{false};  ///< The rest of a line that was too long.
  bool input_ended_{false};
  bool output_broken_{false};
  bool refused_any_{false};
};

}  // namespace msgctl
