// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat_terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "msgctl/text.h"

namespace msgctl {
namespace {

/// Ticks stand behind "10:15 ", in two columns.
constexpr int kTickColumn = 7;
constexpr std::string_view kIndent = "         ";

constexpr std::string_view kHelp =
    R"(  Type and press Enter. Arrow keys recall and edit lines, Ctrl-D ends.
  /older    show what came before      /status   how far the last message got
  /members  who is here                /quit     end (nothing is lost)
  //text    send a line that begins with /
  Ticks: ✓ stored by the server, ✓✓ delivered to everybody, ✔✔ read by everybody)";

std::string_view ticks(msg::MessageState state) {
  switch (state) {
    case msg::MessageState::sent:
      return "✓ ";
    case msg::MessageState::delivered:
      return "✓✓";
    case msg::MessageState::read:
      return "✔✔";
  }
  return "  ";
}

bool wants_colors() {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org
  return no_color == nullptr || *no_color == '\0';
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

ChatTerminal::ChatTerminal(msg::UserId me, std::string_view title, Names& names)
    : me_(me),
      title_(printable(title, Newlines::replace)),
      names_(names),
      colors_(wants_colors()) {}

Outcome<Exit> ChatTerminal::run(ChatSession& session) {
  note("Chat with " + title_ + " as " + names_.of(me_) + ". /help lists the commands.");
  update_prompt();
  const auto next_byte = [&]() -> std::optional<char> {
    const auto text = editor_.text();
    if (!text.empty() && !text.starts_with('/')) session.keystroke();
    while (true) {
      const auto wake = session.wait(STDIN_FILENO);
      waiting_ = session.model().waiting();
      update_prompt();
      if (wake == ChatSession::Wake::ended) return std::nullopt;
      if (wake == ChatSession::Wake::other) continue;
      char byte = 0;
      const auto got = ::read(STDIN_FILENO, &byte, 1);
      if (got == 1) return byte;
      if (got == 0 || (errno != EINTR && errno != EAGAIN)) return std::nullopt;
    }
  };
  while (!quit_) {
    const auto line = editor_.read_line(next_byte);
    if (!line) break;
    take_line(session, *line);
  }
  session.settle(std::chrono::seconds{3});  // who presses Enter and Ctrl-D means both
  if (session.failure()) return std::unexpected(*session.failure());
  if (const auto left = session.model().waiting(); left > 0) {
    return refused("interrupted", fmt::format("{} messages were not acknowledged.", left));
  }
  return Exit::ok;
}

void ChatTerminal::take_line(ChatSession& session, const std::string& line) {
  if (line.empty()) return;
  if (line.starts_with('/') && !line.starts_with("//")) return take_command(session, line);
  if (!session.say(line.starts_with('/') ? line.substr(1) : line)) {
    note("Too many messages wait to be sent; this one was not taken: " +
         printable(line, Newlines::replace));
  }
  waiting_ = session.model().waiting();
  update_prompt();
}

void ChatTerminal::take_command(ChatSession& session, std::string_view command) {
  if (command == "/quit") {
    quit_ = true;
  } else if (command == "/help") {
    print(kHelp);
  } else if (command == "/older") {
    if (!session.want_older()) note("There is nothing to ask, or nobody.");
  } else if (command == "/members") {
    list_members(session);
  } else if (command == "/status") {
    tell_state(session);
  } else {
    note("There is no " + printable(command, Newlines::replace) +
         "; /help lists the commands, and // sends a line that begins with /.");
  }
}

void ChatTerminal::list_members(const ChatSession& session) {
  std::vector<std::string> names;
  for (const auto& [user, member] : session.model().members()) {
    if (!member.active) continue;
    const bool plain = member.role == msg::Role::member;
    names.push_back(names_.of(user) +
                    (plain ? "" : fmt::format(" ({})", msg::to_string(member.role))));
  }
  note(join(names));
}

void ChatTerminal::tell_state(const ChatSession& session) {
  const auto& progress = session.model().progress();
  if (!progress.newest()) return note("You have said nothing since this was opened.");
  note(fmt::format("Message {} is {}.", msg::to_int(progress.newest()->seq),
                   msg::to_string(progress.state_of_newest())));
}

// Events -----------------------------------------------------------------------------------------

void ChatTerminal::show(const Show& show) {
  std::visit([this](const auto& one) { show_one(one); }, show);
}

void ChatTerminal::online() {
  offline_why_.clear();
  update_prompt();
}

void ChatTerminal::offline(const std::string& why) {
  offline_why_ = why;
  note("Connection lost: " + why + ". Trying again; what you type is sent then.");
}

void ChatTerminal::window_changed() {
  marks_.forget();
  editor_.window_changed();
}

void ChatTerminal::show_one(const ShowMessage& show) {
  const auto& message = show.message;
  print_day(message.created_at);
  if (message.sender == me_) {
    marks_.add(message.id.seq, message.state.value_or(msg::MessageState::sent));
  }
  print(line_of(message));
}

void ChatTerminal::show_one(const ShowChange& show) {
  const auto& message = show.message;
  const auto name = message.sender == me_ ? std::string{"you"} : names_.of(message.sender);
  const auto sent = fmt::format("#{} of {} ({})", msg::to_int(message.id.seq), name,
                                local_clock(message.created_at));
  note(message.deleted ? sent + " was deleted." : sent + " now says: " + message.content);
}

void ChatTerminal::show_one(const ShowProgress& show) {
  const auto height = editor_.rows() - 2;  // the line being written has the rest
  const auto changes = marks_.advance(show.message.seq, show.state, height);
  if (changes.empty()) return;
  editor_.write_above([&] {
    for (const auto& change : changes) {
      fmt::print("\x1b[{0}A\x1b[{1}G{2}\x1b[{0}B\r", change.rows_up, kTickColumn,
                 ticks(change.state));
    }
  });
}

void ChatTerminal::show_one(const ShowOlder& show) {
  if (show.messages.empty()) return note("This is the beginning.");
  note(show.more ? "Older:" : "Older, from the beginning:");
  for (const auto& message : show.messages) {
    print(local_date_time(message.created_at).substr(0, 11) + line_of(message));
  }
  note("Now:");
}

void ChatTerminal::show_one(const ShowTyping& show) {
  typing_.clear();
  for (const auto user : show.users) typing_.push_back(names_.of(user));
  update_prompt();
}

void ChatTerminal::show_one(const ShowRefused& show) {
  note("Not sent: " + show.why.detail + " The text was: " + show.entry.content);
}

void ChatTerminal::show_one(const ShowMember& show) {
  note(names_.of(show.user) + (show.joined ? " joined." : " left."));
}

// The screen -------------------------------------------------------------------------------------

void ChatTerminal::print_day(msg::Time time) {
  auto day = local_date_time(time).substr(0, 10);
  if (day == day_) return;
  day_ = std::move(day);
  note("— " + day_ + " —");
}

std::string ChatTerminal::line_of(const msg::Message& message) {
  const bool own = message.sender == me_;
  const auto state = message.state.value_or(msg::MessageState::sent);
  std::string text = message.deleted ? "(deleted)" : printable(message.content, Newlines::keep);
  if (message.kind != msg::MessageKind::text) {
    text = fmt::format("[{}] {}", msg::to_string(message.kind), text);
  }
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, kIndent);
  }
  const auto name = own ? std::string{"you"} : names_.of(message.sender);
  return fmt::format("{} {} {}{}:{} {}", local_clock(message.created_at), own ? ticks(state) : "  ",
                     colors_ ? (own ? "\x1b[2m" : "\x1b[1m") : "", name, colors_ ? "\x1b[0m" : "",
                     text);
}

void ChatTerminal::print(std::string_view lines) {
  editor_.write_above([&] { fmt::print("{}\n", lines); });
  // Colours take no columns; only the name has them, and only once.
  std::string plain{lines};
  for (const std::string_view code : {"\x1b[2m", "\x1b[1m", "\x1b[0m"}) {
    if (const auto at = plain.find(code); at != std::string::npos) plain.erase(at, code.size());
  }
  const auto columns = static_cast<std::size_t>(editor_.columns());
  std::size_t rows = 0;
  for (std::string_view rest = plain; true;) {
    const auto end = rest.find('\n');
    const auto width = display_width(rest.substr(0, end));
    rows += std::max<std::size_t>(1, (width + columns - 1) / columns);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  marks_.printed(static_cast<std::int64_t>(rows));
}

void ChatTerminal::note(std::string_view text) {
  print(std::string{kIndent} + printable(text, Newlines::replace));
}

void ChatTerminal::update_prompt() {
  std::string state;
  if (!offline_why_.empty()) state = "offline";
  if (waiting_ > 0) state += fmt::format("{}{} waiting", state.empty() ? "" : ", ", waiting_);
  if (!typing_.empty()) {
    state += fmt::format("{}{} typing", state.empty() ? "" : ", ", join(typing_));
  }
  editor_.set_prompt(state.empty() ? title_ + "> " : title_ + " (" + state + ")> ");
}

}  // namespace msgctl
