// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace msgd {

/// An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  bool is_v4() const;
  bool is_loopback() const;
  /// The first `bits` of all 128; the rest are zeros.
  IpAddress prefix(unsigned bits) const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// An IPv4 network is so much longer among all addresses.
inline constexpr unsigned kV4PrefixBits = 96;

/// "192.0.2.1" or "2001:db8::1": no brackets, no zone, no port. A mapped IPv4 address is one.
std::optional<IpAddress> parse_ip_address(std::string_view text);

std::string to_text(const IpAddress& address);

/// All addresses that begin with the same bits.
struct IpRange {
  IpAddress first;
  unsigned bits{128};  ///< Of all 128.

  bool contains(const IpAddress& address) const { return address.prefix(bits) == first; }
};

/// "10.0.0.0/8", "2001:db8::/32", or one address. The bits behind the prefix must be zeros.
std::optional<IpRange> parse_ip_range(std::string_view text);

std::string to_text(const IpRange& range);

}  // namespace msgd
