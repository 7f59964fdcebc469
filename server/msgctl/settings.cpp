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

struct DevTokens {
  json::object content;  ///< Empty when there is no file.
  std::string problem;   ///< Of a file that was found, not named.
};

Outcome<DevTokens> read_dev_tokens(const std::string& named) {
  const std::string path = named.empty() ? kDevTokens : named;
  const auto text = read_file(path);
  if (!text && named.empty()) return DevTokens{};
  if (!text) return bad_usage("Cannot read " + path + ".");
  boost::system::error_code ec;
  auto value = json::parse(*text, ec);
  if (!ec && value.is_object()) return DevTokens{std::move(value.get_object()), {}};
  std::string problem = path + " is not JSON.";
  if (!named.empty()) return bad_usage(std::move(problem));
  return DevTokens{{}, std::move(problem)};
}

/// As whoever the token belongs to, which must be `as` when somebody is named.
Outcome<Api> token_api(const Api& nobody, const std::string& token, const std::string& as) {
  Api api = nobody.as({.bearer = token, .user_id = {}});
  if (as.empty()) return api;
  MSG_TRY(const auto me, api.get("/me"));
  const auto user = read_user(me);
  if (user.username == as || user.phone == as || to_text(user.id) == as) return api;
  return bad_usage("The token belongs to " + short_name(user) + ", not to " + as + ".");
}

}  // namespace

Outcome<Settings> load_settings(const Globals& globals) {
  Settings settings;
  settings.timeout = std::chrono::milliseconds{static_cast<long>(globals.timeout_s * 1000)};
  MSG_TRY(const auto found, read_dev_tokens(globals.dev_tokens));
  const auto& dev = found.content;
  const auto dev_url = text_at(dev, "url");
  auto url = globals.url.empty() ? environment("MSG_URL") : globals.url;
  if (url.empty()) url = dev_url.empty() ? kDefaultUrl : dev_url;
  MSG_TRY(settings.endpoint, parse_endpoint(url));
  settings.endpoint.ca_file =
      globals.ca_file.empty() ? environment("MSG_CA_FILE") : globals.ca_file;

  MSG_TRY(settings.key, secret(globals.key, globals.key_file, "MSG_KEY"));
  MSG_TRY(settings.token, secret(globals.token, globals.token_file, "MSG_TOKEN"));
  settings.token_from_environment = globals.token.empty() && globals.token_file.empty();
  settings.dev_tokens_problem = found.problem;
  if (globals.dev_tokens.empty() && url != dev_url) {
    if (!dev.empty()) {
      settings.dev_tokens_problem =
          std::string{kDevTokens} + " is for " + dev_url + ", not for " + url + ".";
    }
    return settings;
  }
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
  const bool has_token = !settings.token.empty();
  if (has_token && (as.empty() || !settings.token_from_environment)) {
    return token_api(nobody, settings.token, as);
  }
  if (as.empty()) {
    return bad_usage("Say who you are: --as NAME, or a session token in MSG_TOKEN.");
  }
  if (const auto dev = settings.dev_users.find(as); dev != settings.dev_users.end()) {
    return nobody.as({.bearer = dev->second, .user_id = {}});
  }
  if (!settings.key.empty()) {
    const Api backend = nobody.as({.bearer = settings.key, .user_id = {}});
    MSG_TRY(const auto user, find_user(backend, as));
    return backend.as({.bearer = settings.key, .user_id = to_text(user.id)});
  }
  if (has_token) return token_api(nobody, settings.token, as);
  const auto& problem = settings.dev_tokens_problem;
  return bad_usage("No token for " + as +
                   ": set MSG_TOKEN to one of theirs, or MSG_KEY to an API key." +
                   (problem.empty() ? "" : "\n" + problem));
}

}  // namespace msgctl
