// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "msgctl/api.h"
#include "msgctl/failure.h"

namespace msgctl {

/// The global options, as they were given.
struct Globals {
  std::string url;
  std::string ca_file;
  std::string key;
  std::string key_file;
  std::string token;
  std::string token_file;
  std::string dev_tokens;
  std::string store;
  std::string as;
  bool json{false};
  double timeout_s{10};
};

/// Where the server is and which secrets are at hand, after flags, files, environment and
/// dev-tokens.json, in this order, have been looked at.
struct Settings {
  Endpoint endpoint;
  std::string key;
  std::string token;
  bool token_from_environment{false};  ///< Then somebody named with --as comes first.
  std::map<std::string, std::string, std::less<>> dev_users;  ///< Name to token.
  std::string dev_tokens_problem;  ///< Why the tokens of a file that was found are not used.
  std::chrono::milliseconds timeout{10'000};
};

/// Reads files and environment. The secrets of a dev-tokens.json that was found, not named, go to
/// no other server than the one it names.
Outcome<Settings> load_settings(const Globals& globals);

/// For what a backend does: with the key, else with the token.
Outcome<Api> backend_api(const Settings& settings);

/// As the user `as` (a name of dev-tokens.json, or with a key any user), or as the one the token
/// belongs to. A token of somebody other than `as` is wrong usage.
Outcome<Api> user_api(const Settings& settings, const std::string& as);

}  // namespace msgctl
