// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "config_database.h"
#include "config_options.h"
#include "jwt_setup.h"
#include "net/tls.h"

extern char** environ;  // NOLINT: POSIX

namespace msgd {
namespace {

using Kind = ConfigOption::Kind;
/// Option name -> where its values come from, and the values.
struct Given {
  std::string source;
  std::vector<std::string> values;
};
using Source = std::map<std::string_view, Given>;
template <class T>
using Loaded = std::expected<T, ConfigExit>;

// Variables of msgctl and of the test suite, which share our prefix.
const std::set<std::string_view> kForeignVariables = {"MSG_TOKEN", "MSG_URL", "MSG_KEY",
                                                      "MSG_CA_FILE", "MSG_REQUIRE_BACKENDS"};

std::unexpected<ConfigExit> wrong(std::string text) {
  return std::unexpected(ConfigExit{2, "msgd: " + std::move(text) + "\n"});
}

template <class Spell>
std::vector<std::string> all_names(Spell spell, std::initializer_list<std::string> more = {}) {
  std::vector<std::string> names(more);
  for (const ConfigOption& option : config_options()) names.push_back(spell(option));
  return names;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

struct CommandLine {
  Source given;
  std::optional<std::string> config_file;
  bool check{false};
};

constexpr const char* kFooter = R"(
Examples:
  msgd --dev                                   try it out
  msgd --store sqlite:/var/lib/msg/chat.db     one machine, behind a TLS proxy
  msgd --config /etc/msgd.toml --check-config  show what would be used
  msgd migrate --plan --store URL              what a PostgreSQL's schema needs; then without --plan

Each option can also be a variable or a line of the file:
  --io-threads 2      MSG_IO_THREADS=2      io_threads = 2
Flags win over variables, variables over the file. PORT sets the port of --listen. DB_HOST with
DB_USER, DB_PASSWORD, DB_PORT [5432] and DB_NAME [libmsg] is a PostgreSQL as the store, unless
--store or MSG_STORE says which; REDIS_HOST with REDIS_PORT [6379] and REDIS_PASSWORD is the bus and
the cache of a PostgreSQL, unless --bus or MSG_BUS, --cache or MSG_CACHE says which.)";

std::string describe(const ConfigOption& option) {
  const std::string value = option.get(Config{});
  if (option.kind == Kind::flag || value.empty()) return std::string(option.help);
  return fmt::format("{} [{}]", option.help, value);
}

Loaded<CommandLine> read_flags(int argc, const char* const* argv) {
  CLI::App app{"msgd: the messaging server of libmsg", "msgd"};
  CommandLine line;
  std::string file;
  bool version = false;
  std::map<std::string_view, std::vector<std::string>> values;
  std::map<std::string_view, bool> flags;
  std::map<std::string_view, const CLI::Option*> given_flags;
  app.set_help_flag("-h,--help", "Print this and exit");
  app.footer(kFooter);
  app.allow_extras();
  app.add_flag("--version", version, "Print the version and exit");
  app.add_flag("--check-config", line.check, "Print the effective configuration and exit");
  auto* config_option = app.add_option("--config", file, "TOML file to read (MSG_CONFIG)");
  config_option->type_name("FILE")->group(std::string(config_options().front().group));
  for (const ConfigOption& option : config_options()) {
    CLI::Option* added = nullptr;
    if (option.kind == Kind::flag) {
      added = app.add_flag(option.flag(), flags[option.name], describe(option));
      given_flags[option.name] = added;
    } else {
      added = app.add_option(option.flag(), values[option.name], describe(option));
      added->expected(1)->type_name(option.kind == Kind::number ? "N" : "TEXT");
      added->multi_option_policy(option.kind == Kind::list ? CLI::MultiOptionPolicy::TakeAll
                                                           : CLI::MultiOptionPolicy::Throw);
    }
    added->group(std::string(option.group));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(ConfigExit{0, app.help()});
  } catch (const CLI::ParseError& error) {
    return wrong(std::string(error.what()) + ". See --help.");
  }
  if (version) return std::unexpected(ConfigExit{0, "msgd " MSG_VERSION "\n"});
  if (const auto extras = app.remaining(); !extras.empty()) {
    const auto names = all_names([](const ConfigOption& o) { return o.flag(); },
                                 {"--config", "--check-config", "--help", "--version"});
    const std::string name = extras.front().substr(0, extras.front().find('='));
    return wrong(fmt::format("{} is not an option. Did you mean {}?", name, nearest(name, names)));
  }
  if (config_option->count() != 0) line.config_file = file;
  for (auto& [name, list] : values) {
    if (!list.empty()) line.given[name] = {"--" + std::string(name), std::move(list)};
  }
  for (const auto& [name, on] : flags) {
    if (given_flags[name]->count() == 0) continue;
    line.given[name] = {"--" + std::string(name), {on ? "true" : "false"}};
  }
  return line;
}

Loaded<Source> read_environment(const EnvironmentVariables& environment) {
  Source given;
  std::set<std::string, std::less<>> known = {"MSG_CONFIG"};
  for (const ConfigOption& option : config_options()) {
    const std::string name = option.variable();
    known.insert(name);
    const auto found = environment.find(name);
    if (found == environment.end()) continue;
    given[option.name] = {
        name, option.kind == Kind::list ? split(found->second) : std::vector{found->second}};
  }
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("MSG_") || known.contains(name) || kForeignVariables.contains(name)) {
      continue;
    }
    const auto names =
        all_names([](const ConfigOption& o) { return o.variable(); }, {"MSG_CONFIG"});
    return wrong(fmt::format("The variable {} means nothing here. Did you mean {}?", name,
                             nearest(name, names)));
  }
  return given;
}

std::optional<std::string> scalar(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return text;
  if (const auto number = node.value_exact<std::int64_t>()) return fmt::format("{}", *number);
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  return std::nullopt;
}

std::optional<std::vector<std::string>> values_of(const toml::node& node) {
  std::vector<std::string> values;
  const toml::array* array = node.as_array();
  if (array == nullptr) {
    if (auto value = scalar(node)) values.push_back(*value);
    return values.empty() ? std::nullopt : std::optional(values);
  }
  for (const toml::node& element : *array) {
    auto value = scalar(element);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

Loaded<Source> read_file(const std::string& path) {
  Source given;
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return wrong(at.line == 0 ? fmt::format("{}: {}.", path, error.description())
                              : fmt::format("{}:{}: {}.", path, at.line, error.description()));
  }
  for (const auto& [key, node] : table) {
    const auto options = config_options();
    const auto option = std::ranges::find(options, key.str(), &ConfigOption::key);
    if (option == options.end()) {
      return wrong(fmt::format(
          "{}:{}: {} is not a key. Did you mean {}?", path, key.source().begin.line, key.str(),
          nearest(key.str(), all_names([](const ConfigOption& o) { return o.key(); }))));
    }
    auto values = values_of(node);
    const std::string source = fmt::format("{}:{}: {}", path, key.source().begin.line, key.str());
    if (!values || (option->kind != Kind::list && node.is_array())) {
      return wrong(source + " has a value of the wrong type.");
    }
    given[option->name] = {source, std::move(*values)};
  }
  return given;
}

/// Whether its value may show one.
bool has_password(const ConfigOption& option) {
  return option.name == "store" || option.name == "bus" || option.name == "cache";
}

std::string take_over(Config& config, const Source& given) {
  for (const ConfigOption& option : config_options()) {
    const auto found = given.find(option.name);
    if (found == given.end()) continue;
    if (option.clear != nullptr) option.clear(config);
    for (const std::string& value : found->second.values) {
      if (std::string error = option.set(config, value); !error.empty()) {
        if (has_password(option)) return fmt::format("{} {}.", found->second.source, error);
        return fmt::format("{} {}, not \"{}\".", found->second.source, error, value);
      }
    }
  }
  return {};
}

std::string apply_port(Config& config, const EnvironmentVariables& environment) {
  const auto port = environment.find("PORT");
  if (port == environment.end()) return {};
  const auto options = config_options();
  const auto listen = std::ranges::find(options, std::string_view("listen"), &ConfigOption::name);
  const std::string address = config.net.address;
  const bool v6 = address.find(':') != std::string::npos;
  const std::string error =
      listen->set(config, (v6 ? "[" + address + "]" : address) + ":" + port->second);
  if (error.empty()) return {};
  return fmt::format("PORT must be a number from 0 to 65535, not \"{}\".", port->second);
}

// DB_HOST and its like say less clearly than MSG_STORE that they are meant for msgd.
std::string apply_database(Config& config, const Source& variables,
                           const EnvironmentVariables& environment) {
  if (variables.contains("store")) return {};
  auto url = database_url(environment);
  if (!url) return url.error();
  if (*url) config.store = std::move(**url);
  return {};
}

// Likewise. Only a store that several processes share has use for it.
std::string apply_redis(Config& config, const Source& variables, const Source& line,
                        const EnvironmentVariables& environment) {
  if (!config.store.starts_with("postgres")) return {};
  for (const std::string name : {"bus", "cache"}) {
    if (variables.contains(name) || line.contains(name)) continue;
    auto url = redis_url(environment);
    if (!url) return url.error();
    if (*url) (name == "bus" ? config.bus : config.cache) = **url;
  }
  return {};
}

// What no single value can know.
std::string check_whole(Config& config) {
  const bool loopback = is_loopback(config.net.address);
  if (config.dev && !loopback) {
    return fmt::format("--dev listens on this machine only, not on {}.", config.net.address);
  }
  const TlsFiles& tls = config.net.tls;
  if (tls.certificate.empty() != tls.key.empty()) {
    return "TLS takes both, --tls-cert and --tls-key.";
  }
  if (!loopback && tls.certificate.empty() && !config.insecure_listen) {
    return fmt::format(
        "{} can be reached from other machines, and without TLS tokens and messages would cross "
        "the network in the clear. Give --tls-cert and --tls-key, or put a TLS proxy in front and "
        "listen on 127.0.0.1, or, where the network is trusted, add --insecure-listen.",
        config.net.address);
  }
  if (config.no_authentication && !loopback && !config.insecure_listen) {
    return fmt::format(
        "With --no-authentication whoever reaches {} reads and writes everything. Listen on "
        "127.0.0.1, or, where everybody on the network is trusted, add --insecure-listen.",
        config.net.address);
  }
  if (config.no_authentication && !config.net.origins.empty()) {
    return "With --no-authentication no Origin can be allowed: pages would act as any user.";
  }
  if (!tls.certificate.empty()) {
    if (const auto identity = TlsIdentity::load(tls); !identity) return identity.error();
  }
  if (config.dev && config.phone_lookups_per_day == 0) config.phone_lookups_per_day = 100;
  if (config.store.empty() && config.dev) config.store = "sqlite:./msg-data/msg.db";
  if (config.store.empty()) {
    return "No store. Say where messages are kept, for example --store sqlite:chat.db, or take "
           "--dev for a first look.";
  }
  if (!config.code_webhook.empty() && config.code_webhook_secret_file.empty()) {
    return "code-webhook needs a code-webhook-secret-file: the secret that signs what is posted.";
  }
  if (!config.code_webhook.empty() && config.sign_in_countries.empty() && !config.dev) {
    return "Say which countries may sign in (sign-in-country, or * for all): each code costs "
           "money, "
           "and some numbers cost their callers much.";
  }
  if (std::string error = check_jwt(config); !error.empty()) return error;
  if (config.net.ws_silence_timeout <= config.net.ws_ping_interval) {
    return "ws-silence-timeout-ms must be more than ws-ping-interval-ms, or no answer to a ping "
           "comes in time.";
  }
  return {};
}

}  // namespace

EnvironmentVariables process_environment() {
  EnvironmentVariables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::expected<Config, ConfigExit> load_config(int argc, const char* const* argv,
                                              const EnvironmentVariables& environment) {
  auto line = read_flags(argc, argv);
  if (!line) return std::unexpected(std::move(line.error()));
  auto variables = read_environment(environment);
  if (!variables) return std::unexpected(std::move(variables.error()));

  const auto named = environment.find("MSG_CONFIG");
  std::optional<std::string> file = line->config_file;
  if (!file && named != environment.end()) file = named->second;
  Config config;
  std::string error;
  if (file) {
    const auto given = read_file(*file);
    if (!given) return std::unexpected(given.error());
    error = take_over(config, *given);
  }
  if (error.empty()) error = take_over(config, *variables);
  if (error.empty()) error = apply_port(config, environment);
  if (error.empty() && !line->given.contains("store")) {
    error = apply_database(config, *variables, environment);
  }
  if (error.empty()) error = take_over(config, line->given);
  if (error.empty()) error = apply_redis(config, *variables, line->given, environment);
  if (error.empty()) error = check_whole(config);
  if (!error.empty()) return wrong(std::move(error));
  if (line->check) return std::unexpected(ConfigExit{0, to_toml(config)});
  return config;
}

std::string to_toml(const Config& config) {
  std::string out;
  std::string_view group;
  for (const ConfigOption& option : config_options()) {
    if (std::exchange(group, option.group) != option.group) {
      out += fmt::format("{}# {}\n", out.empty() ? "" : "\n", option.group);
    }
    std::string value = option.get(config);
    if (has_password(option)) {
      // user:password@host
      const std::size_t start = value.find("://");
      // The last one: a password may hold some, against the rules of URLs.
      const std::size_t at = start == std::string::npos ? start : value.rfind('@');
      const std::size_t colon = at == std::string::npos ? at : value.find(':', start + 3);
      if (at != std::string::npos && colon < at) value.erase(colon, at - colon);
    }
    if (option.kind == Kind::list) {
      toml::array array;
      for (std::string& part : split(value)) array.push_back(std::move(part));
      out += fmt::format("{} = [", option.key());
      for (std::size_t i = 0; i < array.size(); ++i) {
        out += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", array[i].value_or(""));
      }
      out += "]\n";
    } else if (option.kind == Kind::text) {
      std::string quoted;
      for (const char c : value) {
        if (c == '"' || c == '\\') quoted.push_back('\\');
        quoted.push_back(c);
      }
      out += fmt::format("{} = \"{}\"\n", option.key(), quoted);
    } else {
      out += fmt::format("{} = {}\n", option.key(), value);
    }
  }
  return out;
}

}  // namespace msgd
