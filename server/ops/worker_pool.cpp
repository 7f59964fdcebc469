// SPDX-License-Identifier: Apache-2.0
#include "ops/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "ops/log.h"

namespace msgd {

WorkerPool::WorkerPool(WorkerOptions options) : options_(std::move(options)) {
  threads_.reserve(options_.threads);
  for (unsigned i = 0; i < options_.threads; ++i) threads_.emplace_back([this, i] { run(i); });
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::try_post(std::function<void()> work, Urgency urgency) {
  {
    const Time now = options_.clock();
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (!has_room(urgency, now)) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    lane(urgency).push_back({std::move(work), now});
  }
  wake_.notify_one();
  return true;
}

bool WorkerPool::has_room(Urgency urgency, Time now) {
  const Lane& own = lane(urgency);
  const bool low = urgency == Urgency::low;
  if (own.size() >= options_.queue_max) return false;
  if (!own.empty() && now - own.front().since >= options_.wait_max / (low ? 2 : 1)) return false;
  // What is urgent stands already: whoever comes behind it would wait longer still.
  const Lane& urgent = lane(Urgency::normal);
  return !low || urgent.empty() || now - urgent.front().since < options_.wait_max / 2;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return lanes_[0].size() + lanes_[1].size();
}

std::chrono::nanoseconds WorkerPool::longest_wait() const {
  const Time now = options_.clock();
  const std::lock_guard lock(mutex_);
  std::chrono::nanoseconds longest{0};
  for (const Lane& lane : lanes_) {
    if (!lane.empty()) longest = std::max<std::chrono::nanoseconds>(longest, now - lane[0].since);
  }
  return longest;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

WorkerPool::Lane* WorkerPool::next_lane() {
  Lane& urgent = lane(Urgency::normal);
  Lane& low = lane(Urgency::low);
  if (urgent.empty() && low.empty()) return nullptr;
  const bool turn_of_low = ++turn_ % kLowEvery == 0;
  return urgent.empty() || (turn_of_low && !low.empty()) ? &low : &urgent;
}

void WorkerPool::run(unsigned number) {
  ::pthread_setname_np(::pthread_self(), ("msgd-work-" + std::to_string(number)).c_str());
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      Lane* next = nullptr;
      wake_.wait(lock, [&] { return (next = next_lane()) != nullptr || stopping_; });
      if (next == nullptr) return;
      work = std::move(next->front().work);
      next->pop_front();
    }
    try {
      work();
    } catch (const std::exception& error) {
      log_error("worker.exception", {{"what", error.what()}});
    } catch (...) {
      log_error("worker.exception", {{"what", "unknown"}});
    }
  }
}

}  // namespace msgd
