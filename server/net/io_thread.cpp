// SPDX-License-Identifier: Apache-2.0
#include "net/io_thread.h"

#include <pthread.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "ops/log.h"

namespace msgd {

void IoGate::post_flush(std::shared_ptr<Flushable> connection) {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return;
  posted_.push_back(std::move(connection));
  // What is posted is run only while the thread, and with it this gate, is there.
  if (posted_.size() == 1) asio::post(*context_, [this] { flush_posted(); });
}

void IoGate::flush_posted() {
  {
    const std::lock_guard lock(mutex_);
    flushing_.swap(posted_);
  }
  for (auto& connection : flushing_) {
    try {
      connection->flush();
    } catch (const std::exception& error) {
      log_error("io.exception", {{"what", error.what()}});
    }
    connection.reset();
  }
  flushing_.clear();
}

void IoGate::shut() {
  // They hold the gate, and may be destroyed here.
  std::vector<std::shared_ptr<Flushable>> dropped;
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  dropped.swap(posted_);
}

IoThread::IoThread()
    : work_(context_.get_executor()),
      gate_(std::make_shared<IoGate>(context_)),
      ticker_(context_),
      wheel_(now()),
      scratch_(std::make_unique<char[]>(kScratchBytes)),
      random_(std::random_device{}() * 0x1'0000'0001ULL ^ std::random_device{}()) {}

IoThread::~IoThread() {
  stop();
}

void IoThread::start(unsigned number) {
  thread_ = std::thread([this, number] { run(number); });
}

void IoThread::run(unsigned number) {
  ::pthread_setname_np(::pthread_self(), ("msgd-io-" + std::to_string(number)).c_str());
  for (;;) {
    // What one connection throws must not end the others.
    try {
      context_.run();
      return;
    } catch (const std::exception& error) {
      log_error("io.exception", {{"what", error.what()}});
    } catch (...) {
      log_error("io.exception", {{"what", "unknown"}});
    }
  }
}

void IoThread::drain(const DrainPlan& plan) {
  gate_->post([this, plan] {
    draining_ = true;
    drain_plan_ = plan;
    for (auto next = connections_.begin(); next != connections_.end();) {
      ConnectionHook& connection = *next++;  // it may unlink itself
      connection.begin_drain();
    }
  });
}

void IoThread::stop() {
  if (thread_.joinable()) {
    gate_->post([this] {
      while (!connections_.empty()) connections_.front().abort();
      ticker_.cancel();
      context_.stop();
    });
    thread_.join();
  }
  gate_->shut();
}

void IoThread::add(ConnectionHook& connection) {
  connections_.push_back(connection);
}

void IoThread::schedule(TimerEntry& entry, TimePoint deadline) {
  wheel_.schedule(entry, deadline);
  if (!ticking_) tick();
}

// Ticks only while somebody waits: an idle server sleeps.
void IoThread::tick() {
  ticking_ = true;
  ticker_.expires_after(TimerWheel::kTick);
  ticker_.async_wait([this](boost::system::error_code error) {
    ticking_ = false;
    if (error) return;
    wheel_.advance(now());
    if (!ticking_ && !wheel_.empty()) tick();
  });
}

}  // namespace msgd
