// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/settings.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace msg::postgres {
namespace {

std::unexpected<Error> refuse(std::string detail) {
  return fail(Code::invalid_argument, std::move(detail), "url");
}

Result<int> number(std::string_view name, std::string_view text, int min, int max) {
  int value = 0;
  const auto end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stopped == end && value >= min && value <= max) return value;
  return refuse(std::string(name) + " is a number from " + std::to_string(min) + " to " +
                std::to_string(max) + ".");
}

Result<void> set_own(Settings& settings, std::string_view name, std::string_view value) {
  if (name == "msg_timeout_ms") {
    MSG_TRY(const int ms, number(name, value, 100, 600'000));
    settings.timeout = std::chrono::milliseconds(ms);
  } else if (name == "msg_partitions") {
    MSG_TRY(settings.partitions, number(name, value, 1, 1024));
  } else {
    return refuse("There is no URL parameter " + std::string(name) + ".");
  }
  return {};
}

/// Takes our parameters out of the query, because libpq refuses what it does not know.
Result<std::string> take_own(std::string_view url, Settings& settings) {
  const auto query_at = url.find('?');
  if (query_at == std::string_view::npos) return std::string(url);
  std::string rest;
  auto query = url.substr(query_at + 1);
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.starts_with("msg_")) {
      const auto equals = std::min(parameter.find('='), parameter.size() - 1);
      MSG_CHECK(set_own(settings, parameter.substr(0, equals), parameter.substr(equals + 1)));
    } else {
      rest += (rest.empty() ? "?" : "&") + std::string(parameter);
    }
  }
  return std::string(url.substr(0, query_at)) + rest;
}

}  // namespace

Result<Settings> parse_url(std::string_view url) {
  Settings settings;
  // What libpq does by itself when nothing is said, less what would wait for ever. Only a server
  // that takes writes will do: what is decided on a standby is decided on yesterday's rows.
  settings.keywords = {{"connect_timeout", "5"},
                       {"target_session_attrs", "read-write"},
                       {"tcp_user_timeout", "10000"},
                       {"application_name", "libmsg"}};
  MSG_TRY(const std::string foreign, take_own(url, settings));

  char* why = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(foreign.c_str(), &why), PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> freed(why, PQfreemem);
  // libpq's reason may quote all of the URL, password included.
  if (!options) return refuse("This is no connection URL that libpq understands.");
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const auto same = std::ranges::find(settings.keywords, option->keyword,
                                        &std::pair<std::string, std::string>::first);
    if (same != settings.keywords.end()) {
      same->second = option->val;
    } else {
      settings.keywords.emplace_back(option->keyword, option->val);
    }
  }
  settings.keywords.emplace_back("client_encoding", "UTF8");
  return settings;
}

std::string Settings::without_secrets(std::string_view text) const {
  std::string clean(text);
  for (const auto& [keyword, value] : keywords) {
    if ((keyword != "password" && keyword != "sslpassword") || value.empty()) continue;
    for (auto at = clean.find(value); at != std::string::npos; at = clean.find(value, at + 3)) {
      clean.replace(at, value.size(), "***");
    }
  }
  return clean;
}

}  // namespace msg::postgres
