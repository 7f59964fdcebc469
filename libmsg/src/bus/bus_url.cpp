// SPDX-License-Identifier: Apache-2.0
#include "bus/bus_url.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace msg {
namespace {

constexpr std::size_t kPrefixMax = 64;

std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* const digits = text.data() + i + 1;
    const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
    if (error != std::errc{} || end != digits + 2) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

bool is_prefix_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Cuts off and returns what stands before the separator, if it is there.
std::optional<std::string_view> cut(std::string_view& text, std::string_view separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const auto head = text.substr(0, at);
  text.remove_prefix(at + separator.size());
  return head;
}

Result<void> read_login(std::string_view text, BusUrl& url) {
  const auto user = cut(text, ":");
  const auto name = decode_percent(user ? *user : text);
  const auto password = decode_percent(user ? text : std::string_view{});
  if (!name || !password) return bad_bus("A % in user or password needs two hex digits.");
  url.user = *name;
  url.password = *password;
  return {};
}

Result<void> read_host(std::string_view text, BusUrl& url) {
  const bool has_brackets = text.starts_with('[');
  const auto end = has_brackets ? text.find(']') : text.rfind(':');
  if (has_brackets && end == std::string_view::npos) return bad_bus("A [ has no ].");
  url.host = has_brackets ? text.substr(1, end - 1) : text.substr(0, end);
  auto rest = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  if (has_brackets) rest.remove_prefix(1);
  if (url.host.empty()) return bad_bus("It names no host.");
  if (rest.empty()) return {};
  rest.remove_prefix(1);
  const auto [last, error] = std::from_chars(rest.data(), rest.data() + rest.size(), url.port);
  const bool is_number = error == std::errc{} && last == rest.data() + rest.size();
  if (!is_number || url.port < 1 || url.port > 65535) return bad_bus("Its port is none.");
  return {};
}

}  // namespace

std::unexpected<Error> bad_bus(std::string detail) {
  return fail(Code::invalid_argument, std::move(detail), "bus");
}

Result<BusUrl> parse_bus_url(std::string_view text) {
  BusUrl url;
  const auto scheme = cut(text, "://");
  if (!scheme) return bad_bus("Write it as nats://HOST or redis://HOST.");
  url.scheme = *scheme;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    url.prefix = text.substr(slash + 1);
    text = text.substr(0, slash);
    if (url.prefix.empty() || url.prefix.size() > kPrefixMax ||
        !std::ranges::all_of(url.prefix, is_prefix_character)) {
      return bad_bus("Behind the / goes a prefix of letters, digits, - and _.");
    }
  }
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    MSG_CHECK(read_login(text.substr(0, at), url));
    text.remove_prefix(at + 1);
  }
  MSG_CHECK(read_host(text, url));
  return url;
}

}  // namespace msg
