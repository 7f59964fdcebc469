// SPDX-License-Identifier: Apache-2.0
#include "live/long_poll.h"

#include <exception>
#include <utility>

#include "http/credentials.h"
#include "http/json_write.h"
#include "live/live_hub.h"
#include "ops/log.h"

namespace msgd {
namespace {

bool is_news(const msg::SyncPage& page) {
  return !page.conversations.empty() || page.has_more;
}

msg::Result<msg::SyncPage> load_page(msg::Messenger& messenger, const LiveRequest& request,
                                     int limit) {
  msg::SyncRequest sync;
  sync.cursor = request.cursor.value_or(std::string{});
  sync.limit = limit;
  return messenger.sync(request.user, sync);
}

Response page_response(const msg::SyncPage& page) {
  Response response;
  append_sync_page(response.body, page);
  return response;
}

}  // namespace

void LongPoll::begin(Services& services, LiveHub& hub, LiveRequest request, SyncWait wait) {
  const auto page = load_page(services.messenger, request, wait.limit);
  if (!page) return wait.answer(std::unexpected(Problem{page.error()}));
  if (is_news(*page) || wait.longest.count() == 0) return wait.answer(page_response(*page));
  request.cursor = page->cursor;
  std::make_shared<LongPoll>(services, hub, std::move(request), std::move(wait))->wait();
}

LongPoll::LongPoll(Services& services, LiveHub& hub, LiveRequest request, SyncWait wait)
    : services_(services),
      hub_(hub),
      request_(std::move(request)),
      wait_(std::move(wait)),
      waiting_since_(std::chrono::steady_clock::now()) {
  services_.metrics.long_polls.fetch_add(1, std::memory_order_relaxed);
}

LongPoll::~LongPoll() {
  services_.metrics.long_polls.fetch_sub(1, std::memory_order_relaxed);
}

void LongPoll::wait() {
  const auto live = go_live();
  if (!live) {
    if (take_turn()) answer(std::unexpected(Problem{live.error()}));
    return;
  }
  if (!*live) return wake();
  hub_.add(shared_from_this());
  wait_.park();
  // Whatever ended it before it was added did not find it there.
  if (answered_) return hub_.remove(*this);
  if (services_.draining) return shut_down();
  services_.after(wait_.longest, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->wake();
  });
}

/// False: there is something to tell already.
msg::Result<bool> LongPoll::go_live() {
  // Typing and the like are of the moment, and a poll is not.
  const auto handler = [this](const std::shared_ptr<const msg::Event>& event) {
    if (event->version != msg::Version{}) wake();
  };
  MSG_TRY(subscription_, services_.messenger.subscribe(request_.user, handler, [this] { wake(); }));
  while (true) {
    MSG_TRY(const bool live, subscription_->go_live(*request_.cursor));
    if (live) return true;
    MSG_TRY(const auto page, load_page(services_.messenger, request_, wait_.limit));
    if (is_news(page)) return false;
    request_.cursor = page.cursor;  // what was committed concerned others
  }
}

void LongPoll::wake() {
  if (!take_turn()) return;
  const auto work = [self = shared_from_this()] {
    try {
      self->answer_page();
    } catch (const std::exception& error) {
      self->answer(std::unexpected(internal(error.what())));
    }
  };
  if (!services_.offload(work, Urgency::normal))
    answer(std::unexpected(overloaded("The server is busy.")));
}

void LongPoll::answer_page() {
  const auto page = load_page(services_.messenger, request_, wait_.limit);
  if (!page) return answer(std::unexpected(Problem{page.error()}));
  answer(page_response(*page));
}

/// By whoever took the turn.
void LongPoll::answer(Outcome<Response> outcome) {
  hub_.remove(*this);
  const auto waited = std::chrono::steady_clock::now() - waiting_since_;
  if (outcome) outcome->waited = waited;
  if (!outcome) outcome.error().waited = waited;
  wait_.answer(std::move(outcome));
}

bool LongPoll::check_token() {
  const auto principal = refresh(services_, request_.principal);
  checked_ = principal.has_value();
  if (checked_) return true;
  if (principal.error().code != msg::Code::unauthenticated) return false;
  end(WsClose::bad_token, "the token was revoked");
  return true;
}

void LongPoll::end(WsClose code, std::string reason) {
  if (!take_turn()) return;
  if (code == WsClose::bad_token) return answer(std::unexpected(unauthenticated()));
  answer(std::unexpected(overloaded("Ended: " + std::move(reason) + '.')));
}

/// No news is an answer, and the next request goes on from the same place, elsewhere. The store is
/// not asked: what has come since would have woken it, or comes with that request.
void LongPoll::shut_down() {
  if (!take_turn()) return;
  msg::SyncPage page;
  page.cursor = *request_.cursor;
  page.resumed = msg::Resumed::complete;
  answer(page_response(page));
}

}  // namespace msgd
