// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "live/live_client.h"
#include "live/live_feed.h"
#include "live/refusal_count.h"
#include "live/session_core.h"
#include "live/ws_protocol.h"
#include "msg/messenger.h"
#include "net/ws_transport.h"
#include "ops/services.h"

namespace msgd {

class LiveHub;
struct LiveStart;

/// One WebSocket connection: hello, then requests and replies. Or one event stream, which has
/// neither. What is pushed is LiveFeed's.
///
/// What it does, and when, SessionCore decides; here it is done. Sends and receipts start on the
/// I/O thread and are answered when they are committed, what blocks runs on a worker.
///
/// Lifetime: shared by the connection, by LiveHub and by the work it has going on.
/// Thread safety: end() from any thread; check_token() and is_checked() from one at a time, any;
/// the rest on the I/O thread.
class LiveSession final : public LiveClient, public std::enable_shared_from_this<LiveSession> {
 public:
  /// The same activity in one conversation is passed on this often at most, and in few at the same
  /// time.
  static constexpr std::chrono::seconds kTypingPause{2};

  /// What the upgrade request shows, if anything. `services` and `hub` must outlive it.
  LiveSession(Services& services, LiveHub& hub, std::shared_ptr<WsTransport> transport,
              std::optional<std::string> token, std::optional<std::string> ticket);

  /// Of an event stream: `feed` has its transport.
  LiveSession(Services& services, LiveHub& hub, std::shared_ptr<WsTransport> transport,
              std::shared_ptr<LiveFeed> feed);

  /// First call on an event stream.
  void begin_stream(LiveStart& start);

  /// First call on a WebSocket: the time for hello begins.
  void start(std::chrono::milliseconds hello_timeout);

  void on_text(std::string_view text);
  void on_drained();
  /// Answers what has come, takes nothing new, and closes.
  void on_shutdown(std::chrono::milliseconds reconnect_delay);
  /// Last call. May be repeated.
  void on_closed();

  // After hello, for the hub:
  msg::UserId user() const override { return user_; }
  const msg::Principal& principal() const override { return principal_; }
  bool check_token() override;
  bool is_checked() const override { return checked_; }
  void end(WsClose code, std::string reason) override;

 private:
  void advance();
  void perform(SessionCore::Answer&& answer);
  void perform(SessionCore::Run&& run);
  void perform(const SessionCore::Close& close);
  bool count(const SessionCore::Run& run);
  void run_on_worker(std::shared_ptr<const WsRequest> request);

  msg::Result<LiveStart> greet(const HelloOp& hello);
  void accept(std::int64_t id, LiveStart& start);
  void enter(LiveStart& start);

  void carry_out(std::int64_t id, const SendOp& op);
  void carry_out(std::int64_t id, const ForwardOp& op);
  void carry_out(std::int64_t id, const EditOp& op);
  void carry_out(std::int64_t id, const DeleteOp& op);
  void carry_out(std::int64_t id, const ReactOp& op);
  void carry_out(std::int64_t id, const PinOp& op);
  void reply_message(std::int64_t id, const msg::Result<msg::Message>& message);
  void carry_out(std::int64_t id, const MarkOp& op);
  void carry_out(std::int64_t id, const ReadAllOp& op);
  void carry_out(std::int64_t id, const UnreadOp& op);
  void carry_out(std::int64_t id, const ReceiptsOp& op);
  void carry_out(std::int64_t id, const SessionsOp& op);
  void carry_out(std::int64_t id, const CloseSessionOp& op);
  void carry_out(std::int64_t id, const TypingOp& op);
  void carry_out(std::int64_t id, const HistoryOp& op);
  void carry_out(std::int64_t id, const ConversationsOp& op);
  void carry_out(std::int64_t id, const OpenDirectOp& op);
  void carry_out(std::int64_t id, const PingOp& op);
  void carry_out(std::int64_t id, const PresenceOp& op);
  void carry_out(std::int64_t id, const AwayOp& op);
  void carry_out(std::int64_t id, const HelloOp& op);
  bool repeats_typing(const TypingOp& op);
  void send(std::int64_t id, msg::Draft draft);
  void reply_error(std::optional<std::int64_t> id, const Problem& problem);

  Services& services_;
  LiveHub& hub_;
  const std::shared_ptr<WsTransport> transport_;
  const std::shared_ptr<LiveFeed> feed_;
  SessionCore core_;

  std::string token_;                  ///< Until hello.
  std::optional<std::string> ticket_;  ///< Likewise.
  msg::UserId user_{};
  msg::Principal principal_;

  std::unique_ptr<msg::PresenceDevice> device_;  ///< Once it said hello.
  std::shared_ptr<msg::PresenceWatch> watch_;

  struct TypingSaid {
    TypingOp op;
    std::chrono::steady_clock::time_point at;
  };
  std::vector<TypingSaid> typing_said_;  ///< Of the worker that has a request.
  bool checked_{false};                  ///< Of the one who checks.
  RefusalCount refusals_;
};

}  // namespace msgd
