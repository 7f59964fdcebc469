// SPDX-License-Identifier: Apache-2.0
#include "config_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <charconv>
#include <string_view>

namespace msgd {
namespace {

constexpr std::string_view kDefaultName = "libmsg";

std::string value_of(const EnvironmentVariables& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0 && port <= 65535;
}

/// HOST, HOST:PORT or [IPV6]:PORT as it stands in a URL, or nothing.
std::optional<std::string> host_in_url(std::string host, const std::string& default_port) {
  std::string port = default_port;
  const bool brackets = host.starts_with('[');
  const std::size_t colon = host.rfind(':');
  const bool one_colon = colon != std::string::npos && host.find(':') == colon;
  if (brackets ? colon != std::string::npos && host[colon - 1] == ']' : one_colon) {
    port = host.substr(colon + 1);
    host.resize(colon);
  } else if (!brackets && colon != std::string::npos) {
    host = "[" + host + "]";
  }
  const auto allowed = [](char c) {
    return std::string_view("/?#@ \t\"'\\").find(c) == std::string_view::npos && c > ' ';
  };
  if (host.empty() || !std::ranges::all_of(host, allowed) || !is_port(port)) return std::nullopt;
  return host + ":" + port;
}

}  // namespace

std::expected<std::optional<std::string>, std::string> database_url(
    const EnvironmentVariables& environment) {
  const std::string hosts = value_of(environment, "DB_HOST");
  if (hosts.empty()) return std::nullopt;
  std::string port = value_of(environment, "DB_PORT");
  if (port.empty()) port = "5432";
  if (!is_port(port)) {
    return std::unexpected(
        fmt::format("DB_PORT must be a number from 1 to 65535, not \"{}\".", port));
  }
  std::string list;
  for (std::size_t start = 0; start <= hosts.size();) {
    const std::size_t comma = std::min(hosts.find(',', start), hosts.size());
    const auto host = host_in_url(hosts.substr(start, comma - start), port);
    if (!host) {
      return std::unexpected(fmt::format(
          "DB_HOST must be HOST or HOST:PORT, several with commas, not \"{}\".", hosts));
    }
    list += (list.empty() ? "" : ",") + *host;
    start = comma + 1;
  }
  const std::string user = value_of(environment, "DB_USER");
  const std::string password = value_of(environment, "DB_PASSWORD");
  if (user.empty() && !password.empty()) return std::unexpected("DB_PASSWORD needs a DB_USER.");
  std::string name = value_of(environment, "DB_NAME");
  if (name.empty()) name = kDefaultName;
  const std::string secret = password.empty() ? "" : ":" + percent_encoded(password);
  return fmt::format("postgresql://{}{}{}{}/{}", percent_encoded(user), secret,
                     user.empty() ? "" : "@", list, percent_encoded(name));
}

std::expected<std::optional<std::string>, std::string> redis_url(
    const EnvironmentVariables& environment) {
  const std::string name = value_of(environment, "REDIS_HOST");
  if (name.empty()) return std::nullopt;
  std::string port = value_of(environment, "REDIS_PORT");
  if (port.empty()) port = "6379";
  const auto host = host_in_url(name, port);
  if (!host) {
    return std::unexpected(fmt::format(
        "REDIS_HOST must be a host and REDIS_PORT a number from 1 to 65535, not \"{}\" and \"{}\".",
        name, port));
  }
  const std::string password = value_of(environment, "REDIS_PASSWORD");
  const std::string secret = password.empty() ? "" : ":" + percent_encoded(password) + "@";
  return "redis://" + secret + *host;
}

}  // namespace msgd
