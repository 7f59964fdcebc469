// SPDX-License-Identifier: Apache-2.0
#include "sign_in/budgets.h"

#include <arpa/inet.h>

#include <algorithm>

namespace msg {
namespace {

constexpr std::chrono::hours kHour{1};

bool is_over(Time since, Time now) {
  return now - since >= kHour || now < since;
}

}  // namespace

Budget::Hour* Budget::find(const std::string& name, Time now) {
  const auto place = places_.find(name);
  if (place == places_.end() || is_over(place->second->since, now)) return nullptr;
  return &*place->second;
}

bool Budget::has(const std::string& name, Time now) {
  const Hour* hour = find(name, now);
  return hour == nullptr ? limit_ > 0 : hour->count < limit_;
}

void Budget::take(const std::string& name, Time now) {
  if (Hour* hour = find(name, now)) {
    ++hour->count;
    return;
  }
  const auto erase = [&](Hours::iterator hour) {
    places_.erase(hour->name);
    hours_.erase(hour);
  };
  if (const auto past = places_.find(name); past != places_.end()) erase(past->second);
  while (!hours_.empty() && (hours_.size() >= names_max_ || is_over(hours_.front().since, now))) {
    erase(hours_.begin());
  }
  hours_.push_back({.name = name, .since = now, .count = 1});
  places_[name] = std::prev(hours_.end());
}

std::chrono::milliseconds Budget::wait(const std::string& name, Time now) {
  const Hour* hour = find(name, now);
  if (hour == nullptr || hour->count < limit_) return std::chrono::milliseconds(0);
  return hour->since + kHour - now;
}

Conversion::Step& Conversion::at(Time now) {
  const std::int64_t number = number_of(now);
  Step& step = steps_.at(static_cast<std::size_t>(number % kSteps));
  if (step.number != number) step = {.number = number};
  return step;
}

std::optional<int> Conversion::percent(Time now, int codes_min) {
  const std::int64_t current = number_of(now);
  int sent = 0;
  int used = 0;
  for (const Step& step : steps_) {
    const std::int64_t age = current - step.number;
    if (step.number < 0 || age < 0 || age >= kSteps) continue;
    used += step.used;
    if (age >= 2) sent += step.sent;
  }
  if (sent < std::max(codes_min, 1)) return std::nullopt;
  return std::min(100, 100 * used / sent);
}

std::string network_of(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return "4" + std::string(bytes.begin(), bytes.begin() + 3);
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return "?" + text;
  // IPv4 in IPv6 dress.
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return "4" + std::string(bytes.begin() + 12, bytes.begin() + 15);
  }
  return "6" + std::string(bytes.begin(), bytes.begin() + 8);
}

std::string prefix_of(std::string_view phone) {
  constexpr std::size_t kBlock = 4;
  return std::string(phone.substr(0, phone.size() - std::min(phone.size(), kBlock)));
}

}  // namespace msg
