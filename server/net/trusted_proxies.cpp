// SPDX-License-Identifier: Apache-2.0
//
//   X-Forwarded-For = 1#( address [ ":" port ] )
//   Forwarded       = 1#( pair *( ";" pair ) )          RFC 7239; of the pairs only for=node counts
#include "net/trusted_proxies.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "net/http_head.h"

namespace msgd {
namespace {

/// Elements of a list, or pairs of an element: what stands between `separator`s outside quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (quoted || text[i] != separator)) continue;
    parts.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return parts;
}

/// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"
std::optional<IpAddress> parse_node(std::string_view node) {
  if (node.starts_with('[')) {
    const std::size_t end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return parse_ip_address(node.substr(1, end - 1));
  }
  if (std::ranges::count(node, ':') == 1) node = node.substr(0, node.find(':'));
  return parse_ip_address(node);
}

std::string_view node_of(std::string_view element) {
  for (const std::string_view pair : split(element, ';')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (!equal_ignoring_case(trim(pair.substr(0, equals)), "for")) continue;
    std::string_view value = trim(pair.substr(equals + 1));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

}  // namespace

bool is_trusted(const TrustedProxies& proxies, const IpAddress& peer) {
  return std::ranges::any_of(proxies.ranges,
                             [&](const IpRange& range) { return range.contains(peer); });
}

IpAddress client_address(const TrustedProxies& proxies, const IpAddress& peer,
                         const std::vector<std::pair<std::string, std::string>>& fields) {
  const bool standard = proxies.header == ForwardedHeader::forwarded;
  const std::string_view name = standard ? "forwarded" : "x-forwarded-for";
  IpAddress client = peer;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (field->first != name) continue;
    const auto hops = split(field->second, ',');
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
      if (!is_trusted(proxies, client)) return client;
      const auto address = parse_node(standard ? node_of(*hop) : *hop);
      if (!address) return client;
      client = *address;
    }
  }
  return client;
}

}  // namespace msgd
