// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "msg/options.h"
#include "net/options.h"
#include "ops/log.h"
#include "ops/rate_limits.h"

namespace msgd {

/// Everything an operator may say. A value comes from a flag, else the environment, else the file,
/// else from here; `msgd --help` lists them, config_options.cpp is the table.
struct Config {
  std::string store;              ///< URL as msg::open takes it. No default but with `dev`.
  std::string bus;                ///< URL as msg::open_bus takes it; empty: this server is alone.
  std::string cache;              ///< URL as msg::open_cache takes it; empty: none.
  int node{msg::kNodeFromStore};  ///< As msg::Options::node.
  bool dev{false};                ///< A first look: a store in ./msg-data, loopback only.
  bool metrics_open{false};       ///< /metrics without a key for this machine; --dev implies it.
  bool no_authentication{false};  ///< Whoever shows no token may act as any user.
  bool insecure_listen{false};    ///< Allows an address that others can reach, without TLS.

  LogLevel log_level{LogLevel::info};
  LogFormat log_format{LogFormat::automatic};

  unsigned worker_threads{4};
  std::size_t worker_queue_max{1024};  ///< Calls that wait for a worker.
  std::chrono::milliseconds worker_wait_max{200};

  RateOptions rates;

  std::size_t text_bytes_max{64 * 1024};
  std::size_t group_members_max{1024};
  std::size_t sessions_per_user_max{16};
  bool direct_needs_acceptance{false};     ///< See msg::Options.
  std::uint32_t phone_lookups_per_day{0};  ///< Of a user; 0: none may. --dev implies 100.
  bool no_web{false};                      ///< Serves no web client.
  std::chrono::seconds edit_age_max{std::chrono::hours{24}};
  std::chrono::seconds delete_age_max{std::chrono::hours{48}};
  std::chrono::milliseconds ws_hello_timeout{10'000};

  std::chrono::milliseconds node_report{5'000};      ///< As msg::NodeStatus::interval.
  std::chrono::milliseconds presence_window{1'000};  ///< Changes within it are told together.
  std::chrono::milliseconds presence_idle{300'000};
  std::chrono::milliseconds presence_offline{10'000};
  std::size_t presence_watched_max{256};

  std::chrono::seconds session_idle{std::chrono::days{30}};
  std::chrono::seconds session_age{std::chrono::days{180}};
  std::chrono::days audit_age{400};  ///< Of entries in the audit trail.

  std::vector<std::string> sign_in_countries;  ///< "1", "90"; "*" is any. --dev implies it.
  std::string code_webhook;                    ///< URL that codes are posted to. Empty: no sign-in.
  std::string code_webhook_secret_file;        ///< What posts are signed with.
  std::chrono::seconds code_lifetime{300};
  std::chrono::seconds recycle_after{std::chrono::days{7}};
  int codes_per_number{5};
  int codes_per_address{10};
  int codes_per_prefix{50};
  int codes_per_country{1000};
  int codes_in_all{5000};

  std::string jwt_keys;    ///< File or URL of a JWK set. Empty: no tokens of an issuer.
  std::string jwt_issuer;  ///< Whose tokens are taken.
  std::vector<std::string> jwt_audiences;
  std::chrono::seconds jwt_lifetime_max{3600};
  std::chrono::seconds jwt_fetch_pause{60};
  bool jwt_trust_phone{false};

  ServerOptions net;
};

/// Why there is no Config to run with: help or version was asked for, the configuration was only
/// to be checked, or it is wrong.
struct ConfigExit {
  int code{2};       ///< For exit(): 0, or 2 when the configuration is wrong.
  std::string text;  ///< To print, newline included: on stdout when code is 0, else on stderr.
};

/// The variables of a process by name.
using EnvironmentVariables = std::map<std::string, std::string>;
EnvironmentVariables process_environment();

/// Puts the configuration together from flags, environment, the file of --config or MSG_CONFIG,
/// and defaults. An unknown flag, an unknown key in the file or an unknown MSG_* variable is an
/// error that names the nearest known one; a bad value is an error that names its source.
/// PORT sets the port unless --listen is a flag; DB_HOST and its like are the store unless --store
/// or MSG_STORE is given (config_database.h). Reads the file, changes nothing.
std::expected<Config, ConfigExit> load_config(int argc, const char* const* argv,
                                              const EnvironmentVariables& environment);

/// The configuration as a file for --config. A password in the store's URL is left out.
std::string to_toml(const Config& config);

}  // namespace msgd
