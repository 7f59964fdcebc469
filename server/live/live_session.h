// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "live/live_feed.h"
#include "live/ws_protocol.h"
#include "msg/messenger.h"
#include "net/ws_transport.h"
#include "ops/services.h"

namespace msgd {

class LiveHub;

/// One WebSocket connection: hello, then requests and replies. What is pushed is LiveFeed's.
///
/// Sends and receipts start on the I/O thread and are answered when they are committed. What
/// blocks runs on a worker, one at a time and in order, and whatever must stay in order with it
/// waits behind it: at most kWaitingMax requests, one more is answered `overloaded`.
///
/// Lifetime: shared by the connection, by LiveHub and by the work it has going on.
/// Thread safety: end() from any thread; check_token() and is_checked() from one at a time, any;
/// the rest on the I/O thread.
class LiveSession : public std::enable_shared_from_this<LiveSession> {
 public:
  static constexpr std::size_t kWaitingMax = 64;
  /// Typing in one conversation is passed on this often at most, and in few at the same time.
  static constexpr std::chrono::seconds kTypingPause{2};

  /// `token` from the upgrade request, if there is one. `services` and `hub` must outlive it.
  LiveSession(Services& services, LiveHub& hub, std::shared_ptr<WsTransport> transport,
              std::optional<std::string> token);

  /// First call: the time for hello begins.
  void start(std::chrono::milliseconds hello_timeout);

  void on_text(std::string_view text);
  void on_drained();
  /// Last call. May be repeated.
  void on_closed();

  // After hello, for the hub:
  msg::UserId user() const { return user_; }
  const msg::Principal& principal() const { return principal_; }
  /// Closes the session when its token is no longer good. False: the store did not say. May block.
  bool check_token();
  /// Whether the token was found to be good since hello. For the one who checks.
  bool is_checked() const { return checked_; }
  void end(WsClose code, std::string reason);

 private:
  struct Greeting;

  void begin(WsRequest request);
  void next();
  void run_on_worker(std::shared_ptr<const WsRequest> request);
  void done();

  msg::Result<Greeting> make_greeting(const HelloOp& hello);
  void accept(std::int64_t id, Greeting& greeting);
  void refuse_hello(std::int64_t id, const msg::Error& error);

  void carry_out(std::int64_t id, const SendOp& op);
  void carry_out(std::int64_t id, const MarkOp& op);
  void carry_out(std::int64_t id, const TypingOp& op);
  void carry_out(std::int64_t id, const HistoryOp& op);
  void carry_out(std::int64_t id, const ConversationsOp& op);
  void carry_out(std::int64_t id, const OpenDirectOp& op);
  void carry_out(std::int64_t id, const PingOp& op);
  void carry_out(std::int64_t id, const HelloOp& op);
  bool repeats_typing(msg::ConversationId conversation);
  void send(std::int64_t id, msg::Draft draft);
  void reply_error(std::optional<std::int64_t> id, const Problem& problem);

  Services& services_;
  LiveHub& hub_;
  const std::shared_ptr<WsTransport> transport_;
  const std::shared_ptr<LiveFeed> feed_;
  WsProtocol protocol_;

  std::string token_;
  msg::UserId user_{};
  msg::Principal principal_;

  std::list<WsRequest> waiting_;  ///< A list holds no memory while it is empty.
  struct TypingSaid {
    msg::ConversationId conversation{};
    std::chrono::steady_clock::time_point at;
  };
  std::vector<TypingSaid> typing_said_;  ///< Of the worker that has a request.
  bool busy_{false};                     ///< A worker has a request of this session.
  bool closed_{false};
  bool checked_{false};  ///< Of the one who checks.
};

}  // namespace msgd
