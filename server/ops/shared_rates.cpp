// SPDX-License-Identifier: Apache-2.0
#include "ops/shared_rates.h"

#include <cstdint>
#include <string>

namespace msgd {
namespace {

// Of each: rule:1 size:1 subject count:4, the lowest byte first.
constexpr std::size_t kHeadBytes = 2;
constexpr std::size_t kCountBytes = 4;

void append(std::string& out, const RateLimits::Spending& one) {
  out += static_cast<char>(one.rule);
  out += static_cast<char>(one.subject.size());
  out += one.subject;
  for (std::size_t i = 0; i < kCountBytes; ++i) out += static_cast<char>(one.count >> 8 * i);
}

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

}  // namespace

SharedRates::SharedRates(Services& services)
    : services_(services),
      channel_(services.messenger, "rates", [this](std::string_view bytes) { take(bytes); }) {}

void SharedRates::start() {
  if (!channel_.is_open()) return;
  services_.limits.note_spending();
  tell_later();
}

void SharedRates::tell_later() {
  services_.after(kInterval, [this] {
    tell();
    tell_later();
  });
}

void SharedRates::tell() {
  std::string payload;
  for (const auto& one : services_.limits.take_spending()) append(payload, one);
  if (!payload.empty()) channel_.say(payload);
}

void SharedRates::take(std::string_view payload) {
  while (payload.size() > kHeadBytes) {
    const std::size_t size = byte_at(payload, 1);
    if (payload.size() < kHeadBytes + size + kCountBytes) return;
    RateLimits::Spending one{.rule = byte_at(payload, 0),
                             .subject = std::string(payload.substr(kHeadBytes, size)),
                             .count = 0};
    payload.remove_prefix(kHeadBytes + size);
    for (std::size_t i = 0; i < kCountBytes; ++i) {
      one.count |= std::uint32_t{byte_at(payload, i)} << 8 * i;
    }
    payload.remove_prefix(kCountBytes);
    services_.limits.charge(one);
  }
}

}  // namespace msgd
