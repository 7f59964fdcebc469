// SPDX-License-Identifier: Apache-2.0
#include "ops/timer.h"

#include <exception>
#include <utility>

#include "ops/log.h"

namespace msgd {

Timer::Timer() : thread_([this] { run(); }) {}

Timer::~Timer() {
  stop();
}

void Timer::after(std::chrono::milliseconds delay, std::function<void()> work) {
  const auto due = Clock::now() + delay;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    waiting_.emplace(due, std::move(work));
    if (waiting_.begin()->first < due) return;  // it wakes up earlier anyway
  }
  wake_.notify_one();
}

void Timer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  waiting_.clear();
}

void Timer::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto due = waiting_.begin()->first;
    if (Clock::now() < due) {
      wake_.wait_until(lock, due);
      continue;
    }
    const auto work = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    lock.unlock();
    try {
      work();
    } catch (const std::exception& error) {
      log_error("timer.failed", {{"why", error.what()}});
    }
    lock.lock();
  }
}

}  // namespace msgd
