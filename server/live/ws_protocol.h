// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/errors.h"
#include "http/json_write.h"
#include "msg/changes.h"
#include "msg/event.h"
#include "msg/presence.h"
#include "msg/requests.h"
#include "ops/rate_limits.h"
#include "routes/read_requests.h"

namespace msgd {

// The frames of docs/websocket-api.md as values: what a client may say, and the text of what it is
// told. No input, no output, no clock.

struct HelloOp {
  std::optional<std::string> token;
  std::optional<std::string> cursor;  ///< "" is everything; none is nothing old.
  std::optional<msg::UserId> user;
};
struct SendOp {
  DraftFields fields;
};
struct ForwardOp {
  msg::ForwardDraft draft;  ///< Without its sender.
};
struct EditOp {
  msg::Edit edit;
};
struct DeleteOp {
  msg::MessageId message;
  ForWhom whom{};
};
struct ReactOp {
  msg::Reaction reaction;
  bool remove{false};
};
struct PinOp {
  msg::MessageId message;
  bool remove{false};
};
struct MarkOp {
  msg::ReceiptMark mark;
};
struct ReadAllOp {};
struct UnreadOp {
  msg::ConversationId conversation{};
  msg::Seq from{};
};
struct ReceiptsOp {
  msg::ReceiptsRequest request;
};
struct SessionsOp {};
struct CloseSessionOp {
  msg::SessionId session{};
};
struct TypingOp {
  msg::ConversationId conversation{};
  msg::Activity activity{msg::Activity::typing};
  bool operator==(const TypingOp&) const = default;
};
/// Whose presence the session wants to be told of; instead of those before.
struct PresenceOp {
  std::vector<msg::UserId> users;
};
struct AwayOp {
  bool away{false};
};
struct HistoryOp {
  msg::HistoryRequest request;
};
struct ConversationsOp {
  msg::PageRequest request;
};
struct OpenDirectOp {
  std::optional<msg::UserId> user;
  std::optional<std::string> username;
};
struct PingOp {};

struct WsRequest {
  std::int64_t id{0};
  std::variant<HelloOp, SendOp, ForwardOp, EditOp, DeleteOp, ReactOp, PinOp, MarkOp, ReadAllOp,
               UnreadOp, ReceiptsOp, TypingOp, HistoryOp, ConversationsOp, OpenDirectOp, SessionsOp,
               CloseSessionOp, PingOp, PresenceOp, AwayOp>
      op;
};

/// Why a frame is no request, to be answered with an error frame.
struct WsRefusal {
  std::optional<std::int64_t> id;
  Problem problem;
  bool close{false};  ///< The third malformed frame in a row: close with 1008.
};

/// What it is counted as when it comes often.
RateClass rate_class(const WsRequest& request);
/// Whether it only reads what can be asked for again.
bool is_scan(const WsRequest& request);

/// Every op that there is.
std::vector<std::string_view> op_names();

/// Reads the frames of one session in order and knows where in its life it stands.
///
/// Thread safety: none, one thread.
class WsProtocol {
 public:
  enum class Stage { awaiting_hello, greeting, open };

  /// A request that may be carried out in this stage, or what to answer instead. A good `hello`
  /// leads to `greeting`; requests behind it are taken and have to wait for greeted().
  std::expected<WsRequest, WsRefusal> take(std::string_view text);

  Stage stage() const { return stage_; }

  /// Ends the greeting: accepted, or with false free to say hello once more.
  void greeted(bool accepted);

 private:
  std::unexpected<WsRefusal> refuse_malformed(std::optional<std::int64_t> id, Problem problem);

  Stage stage_{Stage::awaiting_hello};
  int malformed_in_a_row_{0};
};

/// `{"id":7,"ok":true,"result":…}`, the result appended by `write(std::string&)`.
template <std::invocable<std::string&> Write>
std::string ok_text(std::int64_t id, Write write) {
  std::string out;
  JsonObject(out).number("id", id).boolean("ok", true).value("result", write);
  return out;
}
std::string ok_null_text(std::int64_t id);
std::string error_text(std::optional<std::int64_t> id, const Problem& problem);

/// "message": what the client knows it by.
std::string_view event_name(const msg::Event& event);
/// A pushed event, for the sender of a message with its client_id.
std::string event_text(const msg::Event& event, ClientId client_id);
/// `cursor` only on the last of a page, else empty.
std::string sync_text(const msg::ConversationDelta& delta, std::string_view cursor);
std::string presence_text(const std::vector<msg::PersonPresence>& people);
/// `resumed`: what all that was sent since the hello, or since the session fell behind, amounts to.
std::string live_text(std::string_view cursor, std::string_view resumed);

/// Close codes of docs/websocket-api.md that come from above the network.
enum class WsClose : std::uint16_t {
  rules_broken = 1008,
  fault = 1011,
  restarting = 1012,
  overloaded = 1013,
  too_slow = 4008,
  bad_token = 4401,
  no_hello = 4408,
  too_often = 4429,
  too_many = 4503,
};

}  // namespace msgd
