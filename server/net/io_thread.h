// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/asio.h"
#include "net/timer_wheel.h"

namespace msgd {

/// Has bytes to write when it is asked to, on its I/O thread.
class Flushable {
 public:
  virtual void flush() = 0;

 protected:
  ~Flushable() = default;
};

/// Lets other threads post to an io_context that may be gone.
///
/// Thread safety: all calls from any thread.
class IoGate {
 public:
  explicit IoGate(asio::io_context& context) : context_(&context) {}

  /// Runs `work` on the I/O thread later, or destroys it here once the gate is shut.
  template <class Work>
  void post(Work work) {
    // Posting under the lock: after shut() nobody touches the context any more.
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr) asio::post(*context_, std::move(work));
  }

  /// Calls its flush() on the I/O thread later, or drops it here once the gate is shut. However
  /// many come before the thread gets there, it is woken once for all of them: a commit has answers
  /// and events for many.
  void post_flush(std::shared_ptr<Flushable> connection);

  void shut();

 private:
  void flush_posted();

  std::mutex mutex_;
  asio::io_context* context_;
  std::vector<std::shared_ptr<Flushable>> posted_;
  std::vector<std::shared_ptr<Flushable>> flushing_;  // on the I/O thread only
};

/// How connections that are pushed to come to their end: each is told at a random moment within
/// `spread`, and closed at `close_at` when it has not come to its end by then.
struct DrainPlan {
  std::chrono::milliseconds spread{0};
  TimePoint close_at{};
};

/// A member of an I/O thread's list of connections while it is linked.
class ConnectionHook : public boost::intrusive::list_base_hook<
                           boost::intrusive::tag<ConnectionHook>,
                           boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  ConnectionHook() = default;
  ConnectionHook(const ConnectionHook&) = delete;
  ConnectionHook& operator=(const ConnectionHook&) = delete;

  /// The server drains: end as soon as what was begun is done.
  virtual void begin_drain() = 0;
  /// End at once. Unlinks.
  virtual void abort() = 0;

 protected:
  virtual ~ConnectionHook() = default;
};

/// One thread with one io_context: everything of a connection happens here, so nothing in a
/// connection is locked but what other threads hand in.
///
/// Thread safety: start, drain, stop from one outside thread; gate() from any; the rest on the I/O
/// thread itself.
class IoThread {
 public:
  IoThread();
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start(unsigned number);
  /// Calls begin_drain() of every connection. Those that come later find draining() true.
  void drain(const DrainPlan& plan);
  /// Aborts what is left, ends the thread. May be repeated.
  void stop();

  asio::io_context& context() { return context_; }
  const std::shared_ptr<IoGate>& gate() const { return gate_; }

  void add(ConnectionHook& connection);
  void schedule(TimerEntry& entry, TimePoint deadline);
  /// For reading into; whoever reads uses it up before it returns to the loop.
  std::span<char> scratch() { return {scratch_.get(), kScratchBytes}; }
  std::mt19937_64& random() { return random_; }
  static TimePoint now() { return std::chrono::steady_clock::now(); }
  bool draining() const { return draining_; }
  const DrainPlan& drain_plan() const { return drain_plan_; }

 private:
  using Connections =
      boost::intrusive::list<ConnectionHook,
                             boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                                 boost::intrusive::tag<ConnectionHook>,
                                 boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
                             boost::intrusive::constant_time_size<false>>;
  static constexpr std::size_t kScratchBytes = 64 * 1024;

  void run(unsigned number);
  void tick();

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::shared_ptr<IoGate> gate_;
  asio::steady_timer ticker_;
  TimerWheel wheel_;
  Connections connections_;
  std::unique_ptr<char[]> scratch_;
  std::mt19937_64 random_;
  bool ticking_{false};
  bool draining_{false};
  DrainPlan drain_plan_;
  std::thread thread_;
};

}  // namespace msgd
