// SPDX-License-Identifier: Apache-2.0
#include "net/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "net/server_process.h"

namespace msg::bench {
namespace {

constexpr std::size_t kScratchBytes = 1024 * 1024;

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), scratch_(kScratchBytes) {
  if (epoll_ < 0) give_up("epoll_create1");
}

Poller::~Poller() {
  ::close(epoll_);
}

void Poller::add(Link& link, std::uint32_t number) {
  links_.resize(std::max<std::size_t>(links_.size(), number + 1));
  links_[number] = &link;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = number;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, link.descriptor(), &event) != 0) give_up("epoll_ctl");
}

std::span<const std::uint32_t> Poller::wait(Clock::time_point deadline) {
  using std::chrono::nanoseconds;
  const auto left = std::max<nanoseconds>(deadline - Clock::now(), nanoseconds(0)).count();
  constexpr std::int64_t second = 1'000'000'000;
  const timespec timeout{.tv_sec = left / second, .tv_nsec = left % second};
  std::array<epoll_event, 512> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
  if (count < 0 && errno != EINTR) give_up("epoll_pwait2");
  ready_.clear();
  for (int i = 0; i < count; ++i) {
    ready_.push_back(events[static_cast<std::size_t>(i)].data.u32);
  }
  return ready_;
}

}  // namespace msg::bench
