// SPDX-License-Identifier: Apache-2.0
#include "live/live_feed.h"

#include <chrono>
#include <exception>
#include <utility>

#include "ops/log.h"

namespace msgd {
namespace {

constexpr std::chrono::milliseconds kRetryFetch{100};

}  // namespace

// From any thread --------------------------------------------------------------------------------

void LiveFeed::owe() {
  const std::scoped_lock lock(mutex_);
  ++owed_;
}

void LiveFeed::reply(const std::string& text) {
  SharedFrame frame = make_text_frame(text);
  const std::scoped_lock lock(mutex_);
  --owed_;
  if (replies_.empty() && send(frame)) return close_if_answered();
  fall_behind();
  const std::size_t bytes = reply_bytes_ + frame->size();
  if (replies_.size() >= kRepliesMax || (!replies_.empty() && bytes > kReplyBytesMax)) {
    return end(WsClose::too_slow, "replies are not read");
  }
  replies_.push_back(std::move(frame));
  reply_bytes_ = bytes;
}

void LiveFeed::close_when_answered(WsClose code, std::string reason) {
  const std::scoped_lock lock(mutex_);
  close_when_answered_ = std::make_unique<Close>(code, std::move(reason));
  close_if_answered();
}

/// With mutex_ held. What the transport has taken goes out before the close frame.
void LiveFeed::close_if_answered() {
  if (close_when_answered_ == nullptr || owed_ != 0 || !replies_.empty()) return;
  end(close_when_answered_->code, close_when_answered_->reason);
}

void LiveFeed::on_event(const std::shared_ptr<const msg::Event>& event) {
  const std::scoped_lock lock(mutex_);
  if (!flowing_) return;
  const SharedFrame frame = event_frame(event, user_, style_);
  if (event->version == msg::Version{}) {
    if (transport_->send_ephemeral(frame)) {
      services_.metrics.ws_frames_out.fetch_add(1, std::memory_order_relaxed);
    }
    return;
  }
  if (send(frame)) {
    cursor_ = event->cursor;
    return;
  }
  fall_behind();
  transport_->post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->notice_behind();
  });
}

/// With mutex_ held. The reader is too slow: the transport has refused a frame, and on_drained()
/// comes once there is room. Until then no page is fetched: it would only wait in memory.
void LiveFeed::fall_behind() {
  if (!std::exchange(flowing_, false)) return;
  services_.metrics.ws_resyncs.fetch_add(1, std::memory_order_relaxed);
}

/// Not the reader is slow, the events are elsewhere: nothing was refused, so nothing else would
/// come to tell that there is room.
void LiveFeed::on_behind() {
  const std::scoped_lock lock(mutex_);
  if (!std::exchange(flowing_, false)) return;
  transport_->post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->notice_behind();
    if (self->stage_ == Stage::behind && !self->has_backlog()) self->fetch();
  });
}

bool LiveFeed::offer(std::string_view name, std::string_view text) {
  const SharedFrame frame = push_frame(style_, name, {}, text);
  const std::scoped_lock lock(mutex_);
  if (!replies_.empty() || !transport_->send_ephemeral(frame)) return false;
  services_.metrics.ws_frames_out.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool LiveFeed::has_backlog() const {
  const std::scoped_lock lock(mutex_);
  return !replies_.empty();
}

/// With mutex_ held.
bool LiveFeed::send(const SharedFrame& frame) {
  if (!transport_->send(frame)) return false;
  services_.metrics.ws_frames_out.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void LiveFeed::end(WsClose code, std::string reason) {
  transport_->close(static_cast<std::uint16_t>(code), std::move(reason));
}

// On the I/O thread ------------------------------------------------------------------------------

void LiveFeed::begin(msg::UserId user, std::unique_ptr<msg::Subscription> subscription,
                     msg::SyncPage page, std::string_view resumed) {
  {
    const std::scoped_lock lock(mutex_);
    user_ = user;
  }
  subscription_ = std::move(subscription);
  resumed_ = resumed;
  stage_ = Stage::fetching;
  take_page(std::move(page));
}

void LiveFeed::on_drained() {
  flush_replies();
  notice_behind();
  if (has_backlog()) return;  // comes back when these are gone too
  if (stage_ == Stage::behind) {
    fetch();
  } else if (stage_ == Stage::pushing) {
    push();
  }
}

void LiveFeed::close() {
  stage_ = Stage::idle;
  page_.clear();
  {
    const std::scoped_lock lock(mutex_);
    flowing_ = false;
  }
  subscription_.reset();
}

void LiveFeed::flush_replies() {
  const std::scoped_lock lock(mutex_);
  while (!replies_.empty() && send(replies_.front())) {
    reply_bytes_ -= replies_.front()->size();
    replies_.pop_front();
  }
  close_if_answered();
}

/// The subscription may still be handing events to us, which nobody takes.
void LiveFeed::notice_behind() {
  if (stage_ != Stage::live) return;
  {
    const std::scoped_lock lock(mutex_);
    if (flowing_) return;
  }
  subscription_->pause();
  stage_ = Stage::behind;
}

void LiveFeed::fetch() {
  stage_ = Stage::fetching;
  const auto work = [self = shared_from_this()] {
    try {
      self->load_page();
    } catch (const std::exception& error) {
      log_error("ws.failed", {{"why", error.what()}});
      self->end(WsClose::fault, "a fault of ours");
    }
  };
  if (services_.offload(work, Urgency::low)) return;
  services_.after(kRetryFetch, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->transport_->post([self] {
      if (self->stage_ == Stage::fetching) self->fetch();
    });
  });
}

/// On a worker.
void LiveFeed::load_page() {
  msg::UserId user{};
  msg::SyncRequest request;
  {
    const std::scoped_lock lock(mutex_);
    user = user_;
    request.cursor = cursor_;
  }
  const auto page =
      std::make_shared<msg::Result<msg::SyncPage>>(services_.messenger.sync(user, request));
  transport_->post([self = shared_from_this(), page] { self->take_page(std::move(*page)); });
}

void LiveFeed::take_page(msg::Result<msg::SyncPage> page) {
  if (stage_ != Stage::fetching) return;
  if (!page) {
    log_warn("ws.sync_failed",
             {{"code", msg::to_string(page.error().code)}, {"why", page.error().detail}});
    const auto code = page.error().code;
    const bool passing = code == msg::Code::overloaded || code == msg::Code::unavailable;
    stage_ = Stage::idle;
    return end(passing ? WsClose::overloaded : WsClose::fault, "sync failed");
  }
  const auto& deltas = page->conversations;
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const bool last = i + 1 == deltas.size();
    const std::string_view cursor = last ? page->cursor : std::string_view{};
    page_.push_back(push_frame(style_, "sync", cursor, sync_text(deltas[i], cursor)));
  }
  page_cursor_ = std::move(page->cursor);
  has_more_ = page->has_more;
  stage_ = Stage::pushing;
  push();
}

void LiveFeed::push() {
  {
    const std::scoped_lock lock(mutex_);
    while (!page_.empty()) {
      if (!replies_.empty() || !send(page_.front())) return;  // on_drained() comes
      page_.pop_front();
    }
    cursor_ = page_cursor_;
  }
  if (has_more_) return fetch();
  go_live();
}

void LiveFeed::go_live() {
  {
    const std::scoped_lock lock(mutex_);
    const auto live = subscription_->go_live(cursor_);
    if (!live) {
      log_warn("ws.go_live_failed", {{"why", live.error().detail}});
      stage_ = Stage::idle;
      return end(WsClose::fault, "sync failed");
    }
    if (*live) {
      stage_ = Stage::live;
      // Refused: no event may go either, and all begins again once there is room.
      flowing_ = true;
      if (replies_.empty() &&
          send(push_frame(style_, "live", cursor_, live_text(cursor_, resumed_)))) {
        // From here on the session itself goes on where it was.
        resumed_ = msg::to_string(msg::Resumed::complete);
      } else {
        fall_behind();
      }
    }
  }
  if (stage_ == Stage::live) {
    notice_behind();
  } else {
    fetch();
  }
}

}  // namespace msgd
