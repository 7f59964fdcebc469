// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace msg::bench {

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)), total_(total), is_watched_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_watched_) std::fprintf(stderr, "\n");
}

void Progress::show(std::int64_t done) {
  constexpr auto kPause = std::chrono::milliseconds(200);
  const auto now = Clock::now();
  const auto before = std::exchange(done_, done);
  const bool is_due = is_watched_ ? now - shown_ >= kPause || done == total_
                                  : done * 10 / total_ > before * 10 / total_;
  if (!is_due) return;
  shown_ = now;
  print(std::chrono::duration<double>(now - start_).count());
}

void Progress::go_on() {
  start_ = Clock::now();
  done_at_start_ = done_;
}

void Progress::print(double seconds) const {
  constexpr std::size_t kWidth = 30;
  const double share = static_cast<double>(done_) / static_cast<double>(total_);
  const double rate = static_cast<double>(done_ - done_at_start_) / seconds;
  const auto left = static_cast<int>(static_cast<double>(total_ - done_) / rate);
  std::string bar(static_cast<std::size_t>(share * static_cast<double>(kWidth)), '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "%s%s [%s] %3.0f %%  %.0f/s  %d:%02d left%s", is_watched_ ? "\r" : "",
               what_.c_str(), bar.c_str(), share * 100, rate, left / 60, left % 60,
               is_watched_ ? "   " : "\n");
}

}  // namespace msg::bench
