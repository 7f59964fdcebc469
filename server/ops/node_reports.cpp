// SPDX-License-Identifier: Apache-2.0
#include "ops/node_reports.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <utility>

namespace msgd {
namespace {

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

NodeReports::NodeReports(Services& services, std::function<Parts()> look,
                         std::chrono::milliseconds interval)
    : services_(services), look_(std::move(look)), nodes_(services.messenger) {
  status_.version = MSG_VERSION;
  status_.host = host_name();
  status_.started_at = msg::Options{}.clock();
  status_.interval = interval;
}

void NodeReports::start(std::string_view address, std::uint16_t port) {
  const bool is_v6 = address.contains(':');
  {
    const std::scoped_lock lock(mutex_);
    status_.address = fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address, is_v6 ? "]" : "", port);
  }
  last_ = count();
  nodes_.tell(describe());
  services_.after(status_.interval, [this] { tick(); });
}

/// On the timer's thread, so that a server whose workers are all busy is not taken for a dead one.
void NodeReports::tick() {
  measure();
  check_store();
  nodes_.tell(describe());
  services_.after(status_.interval, [this] { tick(); });
}

void NodeReports::measure() {
  const Count now = count();
  const double seconds = std::chrono::duration<double>(now.at - last_.at).count();
  const auto rate = [&](std::uint64_t from, std::uint64_t to) {
    return seconds > 0 ? static_cast<double>(to - from) / seconds : 0;
  };
  {
    const std::scoped_lock lock(mutex_);
    status_.sends_per_second = rate(last_.sends, now.sends);
    status_.frames_per_second = rate(last_.frames, now.frames);
  }
  last_ = now;
}

/// Blocks for as long as the store does, so elsewhere, and what it finds is told the next time.
void NodeReports::check_store() {
  if (is_checking_.exchange(true)) return;
  const auto work = [this] {
    store_ready_ = services_.messenger.check().has_value();
    is_checking_ = false;
  };
  if (!services_.offload(work, Urgency::normal)) is_checking_ = false;
}

NodeReports::Count NodeReports::count() const {
  return {.at = Clock::now(),
          .sends = services_.metrics.sends_acknowledged.load(std::memory_order_relaxed),
          .frames = services_.metrics.ws_frames_out.load(std::memory_order_relaxed)};
}

msg::NodeStatus NodeReports::describe() const {
  const Parts parts = look_();
  const std::scoped_lock lock(mutex_);
  msg::NodeStatus status = status_;
  status.node = services_.messenger.node();  // it may be given another
  status.connections = parts.connections;
  status.bus_connected = parts.bus_connected;
  status.cache_connected = parts.cache_connected;
  status.store_ready = store_ready_;
  return status;
}

}  // namespace msgd
