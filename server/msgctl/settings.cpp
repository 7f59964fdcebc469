// SPDX-License-Identifier: Apache-2.0
#include "msgctl/settings.h"

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "msg/status.h"
#include "msgctl/json.h"
#include "msgctl/people.h"

namespace msgctl {
namespace {

namespace json = boost::json;

constexpr const char* kDevTokens = "msg-data/dev-tokens.json";
constexpr const char* kDefaultUrl = "http://127.0.0.1:3000";

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// A secret given as such, or as a file, or in the environment; empty when nowhere.
Outcome<std::string> secret(const std::string& given, const std::string& file, const char* name) {
  if (!given.empty() && !file.empty()) return bad_usage("Give a secret or its file, not both.");
  if (!given.empty()) return given;
  if (file.empty()) return environment(name);
  auto text = read_file(file);
  if (!text) return bad_usage("Cannot read " + file + ".");
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  if (text->empty()) return bad_usage(file + " is empty.");
  return std::move(*text);
}

/// The content of dev-tokens.json; an empty object when there is none and none was asked for.
Outcome<json::object> read_dev_tokens(const std::string& named) {
  const auto text = read_file(named.empty() ? kDevTokens : named);
  if (!text) {
    if (!named.empty()) return bad_usage("Cannot read " + named + ".");
    return json::object{};
  }
  boost::system::error_code ec;
  const auto value = json::parse(*text, ec);
  if (ec || !value.is_object()) {
    return bad_usage((named.empty() ? kDevTokens : named) + std::string{" is not JSON."});
  }
  return value.get_object();
}

}  // namespace

Outcome<Settings> load_settings(const Globals& globals) {
  Settings settings;
  settings.timeout = std::chrono::milliseconds{static_cast<long>(globals.timeout_s * 1000)};
  MSG_TRY(const auto dev, read_dev_tokens(globals.dev_tokens));
  const auto dev_url = text_at(dev, "url");
  auto url = globals.url.empty() ? environment("MSG_URL") : globals.url;
  if (url.empty()) url = dev_url.empty() ? kDefaultUrl : dev_url;
  MSG_TRY(settings.endpoint, parse_endpoint(url));

  MSG_TRY(settings.key, secret(globals.key, globals.key_file, "MSG_KEY"));
  MSG_TRY(settings.token, secret(globals.token, globals.token_file, "MSG_TOKEN"));
  if (globals.dev_tokens.empty() && url != dev_url) return settings;
  if (settings.key.empty()) settings.key = text_at(dev, "key");
  for (const auto& [name, value] : object_at(dev, "users")) {
    if (const auto* user = value.if_object()) {
      settings.dev_users.emplace(name, text_at(*user, "token"));
    }
  }
  return settings;
}

Outcome<Api> backend_api(const Settings& settings) {
  const auto& bearer = settings.key.empty() ? settings.token : settings.key;
  if (bearer.empty()) {
    return bad_usage(
        "An API key is needed: set MSG_KEY or use --key-file. The first one is made with\n"
        "  msgctl --store sqlite:PATH key new --name NAME\nwhile no server has the store open.");
  }
  return Api{settings.endpoint, {.bearer = bearer, .user_id = {}}, settings.timeout};
}

Outcome<Api> user_api(const Settings& settings, const std::string& as) {
  const Api nobody{settings.endpoint, {}, settings.timeout};
  if (!settings.token.empty()) {
    Api api = nobody.as({.bearer = settings.token, .user_id = {}});
    if (as.empty()) return api;
    MSG_TRY(const auto me, api.get("/me"));
    const auto user = read_user(me);
    if (user.username == as || user.phone == as || to_text(user.id) == as) return api;
    return bad_usage("The token belongs to " + short_name(user) + ", not to " + as + ".");
  }
  if (as.empty()) {
    return bad_usage("Say who you are: --as NAME, or a session token in MSG_TOKEN.");
  }
  if (const auto dev = settings.dev_users.find(as); dev != settings.dev_users.end()) {
    return nobody.as({.bearer = dev->second, .user_id = {}});
  }
  if (settings.key.empty()) {
    return bad_usage("No token for " + as +
                     ": set MSG_TOKEN to one of theirs, or MSG_KEY to an API key.");
  }
  const Api backend = nobody.as({.bearer = settings.key, .user_id = {}});
  MSG_TRY(const auto user, find_user(backend, as));
  return backend.as({.bearer = settings.key, .user_id = to_text(user.id)});
}

}  // namespace msgctl
