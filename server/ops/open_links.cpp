// SPDX-License-Identifier: Apache-2.0
#include "ops/open_links.h"

#include <algorithm>
#include <ranges>

#include "config_options.h"
#include "ops/log.h"

namespace msgd {
namespace {

/// What is before `end`, which goes with it; all, where there is none.
std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find(end);
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
  return before;
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

/// Also a folder with a socket, as libpq has it.
bool is_this_machine(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with("%2F") ||
         host.starts_with("%2f") || host == "localhost" || is_loopback(host);
}

void add_hosts(std::string_view list, std::vector<std::string>& hosts) {
  for (const auto part : std::views::split(list, ',')) {
    const std::string_view host = without_port(std::string_view(part));
    if (!is_this_machine(host)) hosts.emplace_back(host);
  }
}

}  // namespace

std::vector<std::string> hosts_in_the_clear(std::string_view url) {
  const std::string_view scheme = take_until(url, "://");
  const bool is_postgres = scheme == "postgresql" || scheme == "postgres";
  if (!is_postgres && scheme != "nats" && scheme != "redis") return {};
  std::string_view place = take_until(url, "?");
  std::string_view authority = take_until(place, "/");
  authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0
  std::vector<std::string> hosts;
  add_hosts(authority, hosts);
  if (!is_postgres) return hosts;
  while (!url.empty()) {
    std::string_view value = take_until(url, "&");
    const std::string_view name = take_until(value, "=");
    if (name == "sslmode" && (value == "require" || value.starts_with("verify-"))) return {};
    if (name == "host") add_hosts(value, hosts);
  }
  return hosts;
}

void warn_of_open_link(std::string_view link, std::string_view url) {
  for (const std::string& host : hosts_in_the_clear(url)) {
    log_warn("server.open_link",
             {{"link", link},
              {"host", host},
              {"why", "nothing insists on TLS: passwords may be read on the way"}});
  }
}

}  // namespace msgd
