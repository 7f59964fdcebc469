// SPDX-License-Identifier: Apache-2.0
#include "net/traffic.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "resources.h"

namespace msg::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kContentBytes = 100;
constexpr std::size_t kDigits = 8;
constexpr double kWarmUpSeconds = 0.3;
constexpr std::string_view kContent = R"("content":")";
constexpr std::string_view kMessages = R"("messages":[)";
constexpr std::string_view kMissing = R"(],"missing":)";
constexpr std::string_view kAck = R"({"id":)";
constexpr std::string_view kEvent = R"({"event":)";

struct Sent {
  std::uint32_t room{0};
  std::uint32_t receipts{0};
  Clock::time_point at{};
  Clock::time_point acknowledged{};
};

float microseconds(Clock::duration time) {
  return std::chrono::duration<float, std::micro>(time).count();
}

std::uint64_t number_at(std::string_view text, std::size_t begin, int base, std::size_t size) {
  std::uint64_t number = 0;
  const char* first = text.data() + begin;
  std::from_chars(first, first + std::min(size, text.size() - begin), number, base);
  return number;
}

/// One run: sends, and books what comes.
class Run {
 public:
  Run(const std::vector<CpuMeter>& meters, std::vector<Link>& links, const std::vector<Room>& rooms,
      const Pace& pace)
      : meters_(meters), links_(links), rooms_(rooms), pace_(pace), dirty_(links.size()) {
    static int runs = 0;
    key_ = "r" + std::to_string(::getpid()) + "-" + std::to_string(++runs) + "-";
    for (std::uint32_t i = 0; i < links.size(); ++i) poller_.add(links[i], i);
    filler_.assign(kContentBytes - kDigits, 'x');
  }

  Traffic measure() {
    begin();
    run_until(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(kWarmUpSeconds)));
    const auto start = Clock::now();
    const std::vector<double> cpu = read_meters();
    const double own_cpu = cpu_seconds();
    first_measured_ = sent_.size();
    const std::size_t acknowledged = acknowledged_;
    const std::size_t received = received_;
    run_until(start + std::chrono::duration_cast<Clock::duration>(
                          std::chrono::duration<double>(pace_.seconds)));
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const auto messages = static_cast<double>(acknowledged_ - acknowledged);
    result_.messages = messages / seconds;
    result_.deliveries = static_cast<double>(received_ - received) / seconds;
    const std::vector<double> cpu_now = read_meters();
    for (std::size_t i = 0; i < cpu.size(); ++i) {
      result_.cpu_us.push_back((cpu_now[i] - cpu[i]) * 1e6 / messages);
    }
    result_.server_cpu_us = result_.cpu_us.front();
    result_.seconds = seconds;
    result_.generator_cpu_us = (cpu_seconds() - own_cpu) * 1e6 / messages;
    result_.sends = messages;
    finish();
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::vector<double> read_meters() const {
    std::vector<double> values;
    for (const CpuMeter& meter : meters_) values.push_back(meter());
    return values;
  }

  void begin() {
    next_due_ = Clock::now();
    if (pace_.rate > 0) return;
    for (std::uint32_t room = 0; room < rooms_.size(); ++room) {
      for (int i = 0; i < pace_.window; ++i) send(room, Clock::now());
    }
    flush();
  }

  void run_until(Clock::time_point end) {
    while (Clock::now() < end) {
      if (pace_.rate > 0) send_due();
      poll(pace_.rate > 0 ? std::min(end, next_due_) : end);
    }
  }

  void finish() {
    closing_ = true;
    const auto deadline = Clock::now() + 20s;
    while (complete_ < sent_.size()) {
      poll(deadline);
      if (Clock::now() < deadline) continue;
      std::fprintf(stderr, "%zu of %zu messages did not arrive\n", sent_.size() - complete_,
                   sent_.size());
      std::_Exit(1);
    }
  }

  void send_due() {
    const auto distance =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / pace_.rate));
    for (const auto now = Clock::now(); next_due_ <= now; next_due_ += distance) {
      send(static_cast<std::uint32_t>(sent_.size() % rooms_.size()), next_due_);
    }
    flush();
  }

  void send(std::uint32_t room, Clock::time_point at) {
    if (closing_) return;
    const std::uint64_t number = sent_.size();
    sent_.push_back({.room = room, .at = at});
    std::array<char, kDigits + 1> digits{};
    std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(number));
    const std::string decimal = std::to_string(number);
    text_.clear();
    text_.append(kAck).append(decimal).append(R"(,"op":"send","conversation_id":")");
    text_.append(rooms_[room].conversation).append(R"(","content":")");
    text_.append(digits.data(), kDigits).append(filler_);
    text_.append(R"(","client_id":")").append(key_).append(decimal).append(R"("})");
    const std::uint32_t link = rooms_[room].links.front();
    links_[link].queue(text_);
    if (std::exchange(dirty_[link], 1) != 0) return;
    to_flush_.push_back(link);
  }

  /// One call to the kernel for all that a link has to say.
  void flush() {
    for (const std::uint32_t link : to_flush_) {
      links_[link].flush();
      dirty_[link] = 0;
    }
    to_flush_.clear();
  }

  void poll(Clock::time_point deadline) {
    poller_.poll(deadline, [&](std::uint32_t link, std::string_view text) { take(link, text); });
    flush();
  }

  void take(std::uint32_t link, std::string_view text) {
    const auto now = Clock::now();
    if (text.starts_with(kEvent)) return take_event(link, text, now);
    if (!text.starts_with(kAck)) return;
    const std::uint64_t number = number_at(text, kAck.size(), 10, 20);
    if (text.find(R"("ok":true)") == std::string_view::npos || number >= sent_.size()) {
      std::fprintf(stderr, "refused: %.*s\n", static_cast<int>(text.size()), text.data());
      std::_Exit(1);
    }
    Sent& sent = sent_[number];
    sent.acknowledged = now;
    ++acknowledged_;
    if (number >= first_measured_) result_.ack_us.push_back(microseconds(now - sent.at));
    check_complete(sent);
    if (!pace_.until_received) send_next(sent.room, now);
  }

  /// Also the events of a session that fell behind, with many messages each.
  void take_event(std::uint32_t link, std::string_view text, Clock::time_point now) {
    // A sync shows the newest one in its view, too.
    if (const auto begin = text.find(kMessages); begin != std::string_view::npos) {
      text = text.substr(begin, text.find(kMissing, begin) - begin);
    }
    for (std::size_t at = 0; (at = text.find(kContent, at)) != std::string_view::npos;) {
      at += kContent.size();
      const std::uint64_t number = number_at(text, at, 16, kDigits);
      if (number >= sent_.size()) continue;
      Sent& sent = sent_[number];
      const Room& room = rooms_[sent.room];
      if (link == room.links.front()) continue;
      ++sent.receipts;
      ++received_;
      if (number >= first_measured_) note_receipt(sent, now);
      check_complete(sent);
    }
  }

  void note_receipt(const Sent& sent, Clock::time_point now) {
    const bool known = sent.acknowledged != Clock::time_point{};
    result_.receipt_us.push_back(known ? microseconds(now - sent.acknowledged) : 0);
    result_.whole_us.push_back(microseconds(now - sent.at));
  }

  void check_complete(const Sent& sent) {
    const std::size_t receivers = rooms_[sent.room].links.size() - 1;
    if (sent.acknowledged == Clock::time_point{} || sent.receipts < receivers) return;
    if (sent.receipts > receivers) {
      std::fprintf(stderr, "a message came twice\n");
      std::_Exit(1);
    }
    ++complete_;
    if (pace_.until_received) send_next(sent.room, Clock::now());
  }

  void send_next(std::uint32_t room, Clock::time_point now) {
    if (pace_.rate <= 0) send(room, now);
  }

  const std::vector<CpuMeter>& meters_;
  std::vector<Link>& links_;
  const std::vector<Room>& rooms_;
  const Pace& pace_;
  Poller poller_;
  std::vector<char> dirty_;
  std::vector<std::uint32_t> to_flush_;
  std::vector<Sent> sent_;
  std::string key_;
  std::string filler_;
  std::string text_;
  Traffic result_;
  Clock::time_point next_due_{};
  std::size_t first_measured_{SIZE_MAX};
  std::size_t acknowledged_{0};
  std::size_t received_{0};
  std::size_t complete_{0};
  bool closing_{false};
};

}  // namespace

Traffic run_traffic(const ServerProcess& server, std::vector<Link>& links,
                    const std::vector<Room>& rooms, const Pace& pace) {
  const std::vector<CpuMeter> meters{[&server] { return server.cpu_seconds(); }};
  return run_traffic(meters, links, rooms, pace);
}

Traffic run_traffic(const std::vector<CpuMeter>& meters, std::vector<Link>& links,
                    const std::vector<Room>& rooms, const Pace& pace) {
  return Run(meters, links, rooms, pace).measure();
}

}  // namespace msg::bench
