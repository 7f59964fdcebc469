// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "commit/commit.h"
#include "feed/change_hub.h"
#include "feed/hint.h"
#include "feed/hint_reader.h"
#include "feed/sealed_channel.h"
#include "msg/bus.h"
#include "store/store.h"

namespace msg {

/// Keeps the hub of this process up to date with what other processes on the store commit, and
/// tells them what this one does.
///
///     committer --> Relay --hint--> bus --hint--> Relay --> hub --> subscriptions
///                     |                             |
///                     +--> hub                      +-- new messages are read, once
///
/// A hint says which versions of its writer it is about, and of others what it was built on, so a
/// missing one is noticed when the next comes; and now and then the store is asked for the newest
/// version of each writer, so it is noticed when none comes, or when there is no bus.
///
/// Thread safety: all calls from any thread.
class Relay {
 public:
  /// All must outlive it. A store that nobody else writes to needs none of this: nothing is
  /// started then, and nobody is told but the hub.
  Relay(Store& store, ChangeHub& hub, const Options& options);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void committed(const Commit& commit);
  void typing(ConversationId conversation, const TypingEvent& event);

 private:
  using Clock = std::chrono::steady_clock;

  void tell_others(const News& news);
  void hear(std::string_view bytes);
  void loop();
  Clock::time_point next_look_or_end_of_patience() const;
  void follow(std::span<CommitHint> hints);
  void look();
  void catch_up();

  Store& store_;
  ChangeHub& hub_;
  HintReader reader_;
  const HintCodec codec_;
  const std::size_t writer_;
  const std::shared_ptr<Bus> bus_;
  const std::chrono::milliseconds interval_;
  // Of the thread.
  Horizon seen_;  ///< By the last look.
  Clock::time_point next_look_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_{false};
  bool is_hub_waiting_{false};  ///< It has begun to, since the thread looked.
  std::vector<CommitHint> heard_;
  std::size_t heard_size_{0};  ///< In hints and their items.
  std::thread thread_;
  SealedChannel typing_;
};

}  // namespace msg
