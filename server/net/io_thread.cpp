// SPDX-License-Identifier: Apache-2.0
#include "net/io_thread.h"

#include <pthread.h>

#include <exception>
#include <string>
#include <vector>

#include "ops/log.h"

namespace msgd {

void IoGate::shut() {
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
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
