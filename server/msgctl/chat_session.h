// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string>

#include "msg/types.h"
#include "msgctl/api.h"
#include "msgctl/chat_display.h"
#include "msgctl/chat_link.h"
#include "msgctl/chat_model.h"
#include "msgctl/failure.h"
#include "msgctl/signals.h"
#include "msgctl/ws_client.h"

namespace msgctl {

struct ChatSetup {
  Api api;
  msg::UserId me{};
  msg::Conversation conversation;
  int history{};  ///< Messages to begin with.
};

/// One conversation kept up to date over a WebSocket that is made again whenever it breaks: joins
/// model, protocol, connection, signals and clock. Everything happens inside wait(), on the
/// caller's thread.
///
/// `display` and `signals` outlive it. Thread safety: none.
class ChatSession {
 public:
  enum class Wake {
    input,  ///< The descriptor has something to read.
    other,  ///< Something else happened, or a while has passed.
    ended,  ///< A signal, or failure() says why.
  };

  ChatSession(ChatSetup setup, ChatDisplay& display, Signals& signals);

  /// Takes care of the chat until something happened. `input`: a descriptor to watch, or -1.
  Wake wait(int input, std::chrono::milliseconds at_most = std::chrono::minutes{1});

  /// Gives what was said last a moment to be acknowledged.
  void settle(std::chrono::milliseconds at_most);

  /// False when too much waits to be sent, and nothing was taken. What no server would take is
  /// shown as refused.
  [[nodiscard]] bool say(std::string text);
  void keystroke();
  /// False while there is no connection.
  [[nodiscard]] bool want_older();

  const ChatModel& model() const { return model_; }
  const std::optional<Failure>& failure() const { return failure_; }

 private:
  using Clock = std::chrono::steady_clock;

  void connect();
  void take(const WsEvent& event);
  void take_text(const std::string& text);
  void take_closed(const WsClosed& closed);
  void take_signals();
  Outcome<void> open_conversation();
  void lost(const std::string& why, std::chrono::milliseconds wait_min);
  void fail(Failure failure);
  void flush();
  int milliseconds_to_next(std::chrono::milliseconds at_most) const;

  ChatSetup setup_;
  ChatDisplay& display_;
  Signals& signals_;
  ChatModel model_;
  ChatLink link_;
  WsClient client_;
  Backoff backoff_;
  std::mt19937_64 random_{std::random_device{}()};
  std::string client_id_prefix_;
  std::int64_t last_client_id_{0};
  std::optional<Clock::time_point> reconnect_at_;
  bool opened_{false};
  bool said_offline_{false};
  bool ended_{false};
  std::optional<Failure> failure_;
};

}  // namespace msgctl
