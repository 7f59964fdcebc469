// SPDX-License-Identifier: Apache-2.0
#include "ops/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

namespace msgd {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr IpAddress kLoopback6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

bool IpAddress::is_loopback() const {
  return is_v4() ? bytes[12] == 127 : *this == kLoopback6;
}

IpAddress IpAddress::prefix(unsigned bits) const {
  IpAddress out = *this;
  for (unsigned i = 0; i < out.bytes.size(); ++i) {
    const unsigned kept = std::clamp(bits, i * 8, i * 8 + 8) - i * 8;
    out.bytes.at(i) &= static_cast<std::uint8_t>(0xFF00U >> kept);
  }
  return out;
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  const std::string name(text);
  IpAddress address;
  if (::inet_pton(AF_INET6, name.c_str(), address.bytes.data()) == 1) return address;
  std::copy(kMapped.begin(), kMapped.end(), address.bytes.begin());
  if (::inet_pton(AF_INET, name.c_str(), address.bytes.data() + kMapped.size()) == 1) {
    return address;
  }
  return std::nullopt;
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4()) {
    ::inet_ntop(AF_INET, address.bytes.data() + kMapped.size(), text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  }
  return text.data();
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpRange range{.first = *address, .bits = 128};
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const unsigned before = address->is_v4() ? kV4PrefixBits : 0;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > 128 - before) {
      return std::nullopt;
    }
    range.bits = before + bits;
  }
  if (!range.contains(*address)) return std::nullopt;
  return range;
}

std::string to_text(const IpRange& range) {
  const unsigned before = range.first.is_v4() ? kV4PrefixBits : 0;
  return to_text(range.first) + '/' + std::to_string(range.bits - before);
}

}  // namespace msgd
