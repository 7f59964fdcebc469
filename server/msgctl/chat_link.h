// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "msgctl/api.h"
#include "msgctl/chat_model.h"

namespace msgctl {

/// What to do after a connection has ended.
struct AfterClose {
  bool retry{true};
  std::chrono::milliseconds wait_min{0};  ///< As the server asked.
  std::string why;                        ///< For people.
};

/// The rules of docs/websocket-api.md about close codes. `code` 0: the connection just broke.
AfterClose after_close(unsigned code, std::string_view reason);

/// Grows from try to try, with a random half, so that clients do not come back all at once.
class Backoff {
 public:
  /// `random`: uniform in [0, 1).
  std::chrono::milliseconds next(double random);
  void reset() { tries_ = 0; }

 private:
  int tries_{0};
};

/// The WebSocket protocol between a ChatModel and a connection: turns asks into frames and frames
/// into calls on the model, and keeps the cursor to resume from. Pure.
///
/// `model` outlives it. Thread safety: none.
class ChatLink {
 public:
  using Moment = ChatModel::Moment;

  ChatLink(ChatModel& model, msg::ConversationId conversation, Access access)
      : model_(model), conversation_(conversation), access_(std::move(access)) {}

  /// A connection is there: the frame to send first.
  std::string hello();
  /// The frame for `ask`.
  std::string frame(const Ask& ask);
  /// A text frame arrived.
  void take(std::string_view text, Moment now);
  /// The connection is gone.
  void closed(Moment now);

  /// All that was missed has come. The model is told by the owner of both, since before the first
  /// time it needs the conversation's present state.
  bool is_live() const { return live_; }
  /// Why the server will not have us, once it has said so.
  const std::optional<Failure>& refusal() const { return refusal_; }

 private:
  struct Hello {};
  using Pending = std::variant<Hello, Ask>;

  std::string request(std::string_view op, boost::json::object fields, Pending pending);
  void take_event(const boost::json::object& event, Moment now);
  void take_sync(const boost::json::object& delta, Moment now);
  void take_reply(const boost::json::object& reply, Moment now);
  void take_hello(const boost::json::object& reply);
  void take_answer(const Ask& ask, const boost::json::object& reply, Moment now);

  ChatModel& model_;
  msg::ConversationId conversation_;
  Access access_;
  std::string cursor_;
  std::map<std::int64_t, Pending> pending_;
  std::int64_t last_id_{0};
  bool live_{false};
  std::optional<Failure> refusal_;
};

}  // namespace msgctl
