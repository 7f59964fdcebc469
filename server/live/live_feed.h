// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "live/event_encoder.h"
#include "live/ws_protocol.h"
#include "msg/messenger.h"
#include "net/ws_transport.h"
#include "ops/services.h"

namespace msgd {

/// Everything one session is told: its replies, and the events of its user from a cursor on, each
/// once and in order, however slowly the other end reads.
///
///            begin()
///               |
///               v      page      all queued, has_more
///   +------> fetching -----> pushing ------------------+
///   |           ^  ^            | all queued           |
///   |           |  +------------|----------------------+
///   |           |  no           v
///   |           +---------- go_live()? --yes--> live --+
///   |  drained                                         | the transport refuses a frame
///   +------------------------ behind <-----------------+ or changes were not handed out
///
/// `cursor_` is what the last frame queued stands for; whenever the flow of events is broken it
/// goes on from there by sync, so what was refused is not lost and what was queued not repeated.
///
/// Replies that the transport refuses wait here, at most kRepliesMax or kReplyBytesMax, while no
/// event is queued; beyond that the session is closed with 4008.
///
/// Lifetime: shared by the session and by the calls whose replies it awaits.
/// Thread safety: owe(), reply(), close_when_answered(), on_event(), on_behind() and
/// has_backlog() from any thread, the rest on the connection's I/O thread.
class LiveFeed : public std::enable_shared_from_this<LiveFeed> {
 public:
  static constexpr std::size_t kRepliesMax = 64;
  static constexpr std::size_t kReplyBytesMax = 1024 * 1024;

  /// `services` must outlive the feed. Without a `transport` attach() comes before anything else.
  LiveFeed(Services& services, std::shared_ptr<WsTransport> transport, FrameStyle style)
      : services_(services), style_(style), transport_(std::move(transport)) {}

  void attach(std::shared_ptr<WsTransport> transport) { transport_ = std::move(transport); }

  /// A request came: reply() follows, exactly once.
  void owe();
  void reply(const std::string& text);

  /// Closes as soon as every request that came has its reply on the way.
  void close_when_answered(WsClose code, std::string reason);

  /// Of the moment: false, and not queued, when the outbox is half full or replies wait.
  bool offer(std::string_view name, std::string_view text);

  /// The handlers to subscribe with.
  void on_event(const std::shared_ptr<const msg::Event>& event);
  void on_behind();

  /// Replies wait: no more work should be begun that leads to further ones.
  bool has_backlog() const;

  /// Starts the events with a page of sync; an empty complete one stands for its cursor.
  /// `resumed` is what `live` will say then; later ones say "complete".
  void begin(msg::UserId user, std::unique_ptr<msg::Subscription> subscription, msg::SyncPage page,
             std::string_view resumed);

  void on_drained();

  /// No more events. Waits for a running on_event().
  void close();

 private:
  enum class Stage { idle, fetching, pushing, live, behind };

  bool send(const SharedFrame& frame);
  void flush_replies();
  void fetch();
  void load_page();
  void take_page(msg::Result<msg::SyncPage> page);
  void push();
  void go_live();
  void fall_behind();
  void notice_behind();
  void end(WsClose code, std::string reason);
  void close_if_answered();

  Services& services_;
  const FrameStyle style_;
  std::shared_ptr<WsTransport> transport_;  ///< Not changed any more once there are events.

  // On the I/O thread only:
  Stage stage_{Stage::idle};
  // Lists: empty nearly always, and then they hold no memory (a deque would hold 576 bytes).
  std::list<SharedFrame> page_;  ///< What is not queued yet of the present page.
  std::string page_cursor_;
  bool has_more_{false};
  std::string_view resumed_;

  /// Guards what follows and the order of frames. Held over transport_->send(), which takes only
  /// locks of its own, and over go_live(), which waits for no handler: so no event comes between
  /// the decision to go live and the `live` frame.
  mutable std::mutex mutex_;
  msg::UserId user_{};
  std::string cursor_;
  bool flowing_{false};  ///< Events are queued as they come.
  std::list<SharedFrame> replies_;
  std::size_t reply_bytes_{0};
  std::size_t owed_{0};  ///< Requests without a reply.
  struct Close {
    WsClose code{};
    std::string reason;
  };
  std::unique_ptr<Close> close_when_answered_;

  std::unique_ptr<msg::Subscription> subscription_;  // last: its end waits for on_event()
};

}  // namespace msgd
