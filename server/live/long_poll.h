// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "live/live_client.h"
#include "msg/messenger.h"
#include "ops/services.h"

namespace msgd {

class LiveHub;

/// One sync request that waits until there is something to answer.
///
///   sync: something --> answer
///     | nothing
///   subscribe, go_live() --no--> sync …
///     | yes
///   waiting --event, time is up--> sync, answer
///      |-----server ends--> empty page
///      '-----ended--> refusal
///
/// An event is the signal only; what is answered is a page of sync, so nothing can be lost between
/// two requests, and a reader that does not come back costs nothing.
///
/// Lifetime: kept by LiveHub while it waits, and by the work it has going on.
/// Thread safety: all calls from any thread.
class LongPoll final : public LiveClient, public std::enable_shared_from_this<LongPoll> {
 public:
  /// `services` and `hub` must outlive it. `request.cursor` is set. Blocks; answers exactly once,
  /// now or later.
  static void begin(Services& services, LiveHub& hub, LiveRequest request, SyncWait wait);

  LongPoll(Services& services, LiveHub& hub, LiveRequest request, SyncWait wait);
  ~LongPoll() override;
  LongPoll(const LongPoll&) = delete;
  LongPoll& operator=(const LongPoll&) = delete;

  msg::UserId user() const override { return request_.user; }
  const msg::Principal& principal() const override { return request_.principal; }
  bool check_token() override;
  bool is_checked() const override { return checked_; }
  void end(WsClose code, std::string reason) override;
  void shut_down() override;

 private:
  void wait();
  msg::Result<bool> go_live();
  void wake();
  void answer_page();
  void answer(Outcome<Response> outcome);
  bool take_turn() { return !answered_.exchange(true); }

  Services& services_;
  LiveHub& hub_;
  LiveRequest request_;
  SyncWait wait_;
  std::chrono::steady_clock::time_point waiting_since_;
  std::atomic<bool> answered_{false};  ///< By whoever sets it.
  bool checked_{false};                ///< Of the one who checks.
  std::unique_ptr<msg::Subscription> subscription_;
};

}  // namespace msgd
