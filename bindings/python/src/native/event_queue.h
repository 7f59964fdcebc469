// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "msg/event.h"
#include "store.h"
#include "waker.h"

namespace pymsg {

/// A user's Subscription, and what it handed out until Python takes it: so many events, and so many
/// bytes of messages, at most. When one more comes the queue is behind: it takes no more, and who
/// reads it has to sync from the last cursor that it gave, and go live again.
///
/// Thread safety: as of Part. The handler runs without the GIL, on the thread that commits.
class EventQueue : public Part {
 public:
  /// With a waker, that is told by `token` when there is something to take again.
  EventQueue(std::shared_ptr<Store> store, msg::UserId user, std::size_t events_max,
             std::shared_ptr<Waker> waker, std::int64_t token);
  ~EventQueue() override { end(); }

  bool go_live(std::string_view cursor);
  /// The next ones, as a list; empty when none came in time, or when it is behind. None: waits.
  py::list take(std::optional<double> timeout);
  /// Nothing is left to take, and something was not taken.
  bool is_behind();

  void end() override;
  void interrupt() override;

 private:
  using Shared = std::shared_ptr<const msg::Event>;
  void on_event(const Shared& event);
  void on_behind();
  bool wait(std::optional<double> timeout);
  py::list pop();

  const msg::UserId user_;
  const std::size_t events_max_;
  const std::shared_ptr<Waker> waker_;
  const std::int64_t token_;

  std::mutex mutex_;  // never held while the GIL is taken
  std::condition_variable some_;
  std::deque<Shared> queue_;
  std::size_t bytes_{0};
  bool behind_{true};  // begins paused
  bool interrupted_{false};
  std::unique_ptr<msg::Subscription> subscription_;
};

}  // namespace pymsg
