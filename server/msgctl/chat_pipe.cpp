// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat_pipe.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <tuple>
#include <utility>

#include "http/json_write.h"
#include "http/time_text.h"
#include "msgctl/text.h"

namespace msgctl {
namespace {

/// A line beyond it is no message: it is refused for its length, and its rest is passed over.
constexpr std::size_t kLineBytesMax = 256 * 1024;

}  // namespace

Outcome<Exit> ChatPipe::run(ChatSession& session) {
  while (!output_broken_) {
    feed(session);
    const bool settled = input_ended_ && input_.empty() && session.model().idle();
    if (settled && !options_.stay) break;
    const bool wants_input = !input_ended_ && session.model().has_room();
    const auto wake = session.wait(wants_input ? STDIN_FILENO : -1);
    if (wake == ChatSession::Wake::ended) break;
    if (wake == ChatSession::Wake::input) read_input();
  }
  if (session.failure()) return std::unexpected(*session.failure());
  if (const auto left = session.model().waiting(); left > 0) {
    return refused("interrupted", std::to_string(left) + " messages were not acknowledged.");
  }
  return refused_any_ || output_broken_ ? Exit::refused : Exit::ok;
}

void ChatPipe::read_input() {
  std::array<char, 16 * 1024> bytes{};
  const auto got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got > 0) {
    input_.append(bytes.data(), static_cast<std::size_t>(got));
    return;
  }
  input_ended_ = true;
  if (!input_.empty() && input_.back() != '\n') input_ += '\n';
}

void ChatPipe::feed(ChatSession& session) {
  while (session.model().has_room()) {
    auto line = next_line();
    if (!line) return;
    if (line->empty()) continue;
    std::ignore = session.say(std::move(*line));  // there is room, so it is taken
  }
}

std::optional<std::string> ChatPipe::next_line() {
  if (passing_over_) {
    const auto end = input_.find('\n');
    passing_over_ = end == std::string::npos;
    input_.erase(0, passing_over_ ? end : end + 1);
  }
  const auto end = input_.find('\n');
  if (end == std::string::npos && input_.size() <= kLineBytesMax) return std::nullopt;
  passing_over_ = end == std::string::npos;
  std::string line = input_.substr(0, end);
  input_.erase(0, end == std::string::npos ? end : end + 1);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// Out --------------------------------------------------------------------------------------------

template <class Json>
void ChatPipe::put(std::initializer_list<std::string_view> fields, Json json) {
  std::string line;
  if (options_.json) {
    msgd::JsonObject object(line);
    object.text("event", *fields.begin());
    json(object);
  } else {
    for (const auto field : fields) {
      if (!line.empty()) line += '\t';
      line += escape_line(field);
    }
  }
  line += '\n';
  const bool written = std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
  if (!written || std::fflush(stdout) != 0) output_broken_ = true;
}

void ChatPipe::show(const Show& show) {
  std::visit([this](const auto& one) { show_one(one); }, show);
}

void ChatPipe::online() {
  put({"online"}, [](msgd::JsonObject&) {});
}

void ChatPipe::offline(const std::string& why) {
  put({"offline", why}, [&](msgd::JsonObject& json) { json.text("reason", why); });
}

void ChatPipe::show_one(const ShowMessage& show) {
  const auto& message = show.message;
  const auto seq = to_text(message.id.seq);
  const auto time = msgd::format_time(message.created_at);
  const auto json = [&](msgd::JsonObject& object) {
    object.value("message", [&](std::string& out) {
      msgd::append_message(out, message,
                           message.sender == me_ ? msgd::ClientId::shown : msgd::ClientId::hidden);
    });
  };
  if (message.sender == me_) return put({"sent", seq, time, message.content}, json);
  put({"message", seq, time, options_.json ? "" : names_.of(message.sender), message.content},
      json);
}

void ChatPipe::show_one(const ShowChange& show) {
  const auto& message = show.message;
  const auto seq = to_text(message.id.seq);
  const auto time = msgd::format_time(msg::time_of(message.changed.value_or(message.version)));
  const auto name = options_.json ? "" : names_.of(message.sender);
  const auto json = [&](msgd::JsonObject& object) {
    object.value("message", [&](std::string& out) {
      msgd::append_message(out, message,
                           message.sender == me_ ? msgd::ClientId::shown : msgd::ClientId::hidden);
    });
  };
  if (message.deleted) return put({"deleted", seq, time, name}, json);
  put({"edited", seq, time, name, message.content}, json);
}

void ChatPipe::show_one(const ShowProgress& show) {
  put({msg::to_string(show.state), to_text(show.message.seq)},
      [&](msgd::JsonObject& json) { json.seq("seq", show.message.seq); });
}

void ChatPipe::show_one(const ShowOlder& show) {
  for (const auto& message : show.messages) show_one(ShowMessage{message});
}

void ChatPipe::show_one(const ShowTyping& show) {
  std::vector<std::string> names;
  std::string joined;
  for (const auto user : show.users) {
    names.push_back(names_.of(user));
    joined += (joined.empty() ? "" : " ") + names.back();
  }
  put({"typing", joined}, [&](msgd::JsonObject& json) {
    json.array("names", names,
               [](std::string& out, const auto& name) { msgd::append_json_string(out, name); });
  });
}

void ChatPipe::show_one(const ShowRefused& show) {
  refused_any_ = true;
  put({"refused", show.why.code, show.why.detail, show.entry.content}, [&](msgd::JsonObject& json) {
    json.text("code", show.why.code)
        .text("detail", show.why.detail)
        .text("content", printable(show.entry.content, Newlines::keep));
  });
}

void ChatPipe::show_one(const ShowMember& show) {
  put({"member", names_.of(show.user), show.joined ? "joined" : "left"},
      [&](msgd::JsonObject& json) {
        json.id("user_id", show.user).boolean("joined", show.joined);
      });
}

}  // namespace msgctl
