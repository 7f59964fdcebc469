// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "commit/commit.h"
#include "feed/change_hub.h"
#include "feed/hint.h"
#include "msg/bus.h"
#include "store/store.h"

namespace msg {

/// Keeps the hub of this process up to date with what other processes on the store commit, and
/// tells them what this one does.
///
///     committer --> Relay --hint--> bus --hint--> Relay --> hub --> subscriptions sync
///
/// A hint says which versions of its writer it is about, so a missing one is noticed when the next
/// comes; and now and then the store is asked for the newest version of each writer, so it is
/// noticed when none comes, or when there is no bus.
///
/// Thread safety: all calls from any thread.
class Relay {
 public:
  /// All must outlive it. A store that nobody else writes to needs none of this: nothing is
  /// started then, and all calls do nothing.
  Relay(Store& store, ChangeHub& hub, const Options& options);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void committed(const Commit& commit);
  void typing(ConversationId conversation, const TypingEvent& event);

 private:
  void loop();
  void look();

  Store& store_;
  ChangeHub& hub_;
  const HintCodec codec_;
  const std::size_t writer_;
  const std::shared_ptr<Bus> bus_;
  const std::chrono::milliseconds interval_;
  Horizon seen_;  ///< By the last look. Of the thread.

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace msg
