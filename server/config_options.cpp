// SPDX-License-Identifier: Apache-2.0
#include "config_options.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "config_kinds.h"

namespace msgd {
namespace {

using Kind = ConfigOption::Kind;

constexpr std::string_view kBasics = "Basics";
constexpr std::string_view kLogging = "Logging";
constexpr std::string_view kThreads = "Threads";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kTimes = "Deadlines";

bool is_address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

std::string set_listen(Config& config, std::string_view text) {
  constexpr const char* wrong = "must be ADDRESS:PORT, for example 127.0.0.1:3000 or [::1]:3000";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong;
  std::string_view address = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool brackets = address.starts_with('[') && address.ends_with(']');
  if (brackets) address = address.substr(1, address.size() - 2);
  std::string numeric(address == "localhost" ? "127.0.0.1" : address);
  if (!is_address(numeric) || brackets != (numeric.find(':') != std::string::npos)) return wrong;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port > 65535) return wrong;
  config.net.address = std::move(numeric);
  config.net.port = static_cast<std::uint16_t>(port);
  return {};
}

std::string get_listen(const Config& config) {
  const bool v6 = config.net.address.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", config.net.address, v6 ? "]" : "",
                     config.net.port);
}

std::string set_store(Config& config, std::string_view text) {
  constexpr std::array<std::string_view, 5> schemes = {
      "memory:", "sqlite:", "rocksdb:", "postgresql://", "postgres://"};
  const auto known = [&](std::string_view scheme) { return text.starts_with(scheme); };
  if (std::ranges::none_of(schemes, known)) {
    return "must be memory:, sqlite:FILE, rocksdb:DIRECTORY or postgresql://...";
  }
  config.store = text;
  return {};
}

std::string set_bus(Config& config, std::string_view text) {
  constexpr std::array<std::string_view, 3> schemes = {"nats://", "tls://", "redis://"};
  const auto known = [&](std::string_view scheme) { return text.starts_with(scheme); };
  if (!text.empty() && std::ranges::none_of(schemes, known)) {
    return "must be nats://HOST, tls://HOST or redis://HOST";
  }
  config.bus = text;
  return {};
}

std::string set_node(Config& config, std::string_view text) {
  config.node = msg::kNodeFromStore;
  if (text == "auto") return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), config.node);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  return is_number && config.node >= 0 && config.node <= 1023 ? "" : "must be 0 to 1023, or auto";
}

std::string get_node(const Config& config) {
  return config.node == msg::kNodeFromStore ? "auto" : fmt::format("{}", config.node);
}

std::string set_cache(Config& config, std::string_view text) {
  constexpr std::array<std::string_view, 2> schemes = {"redis://", "memory:"};
  const auto known = [&](std::string_view scheme) { return text.starts_with(scheme); };
  if (!text.empty() && std::ranges::none_of(schemes, known)) {
    return "must be redis://HOST or memory:";
  }
  config.cache = text;
  return {};
}

std::string add_origin(Config& config, std::string_view text) {
  const bool scheme = text.starts_with("https://") || text.starts_with("http://");
  const std::size_t host = text.find("//") + 2;
  if (!scheme || host >= text.size() || text.find('/', host) != std::string_view::npos) {
    return "must be an origin such as https://chat.example.com, without a path";
  }
  config.net.origins.emplace_back(text);
  return {};
}

std::string add_proxy(Config& config, std::string_view text) {
  const auto range = parse_ip_range(text);
  if (!range) return "must be an address or a network such as 10.0.0.0/8, zeros behind the prefix";
  config.net.proxies.ranges.push_back(*range);
  return {};
}

/// What a server among several needs to know of the rest.
void add_others(std::vector<ConfigOption>& list) {
  list.push_back({"bus", kBasics,
                  "What connects several servers on one store: nats://HOST or redis://HOST",
                  Kind::text, set_bus, [](const Config& c) { return c.bus; }});
  list.push_back(
      {"cache", kBasics,
       "What keeps what many read from PostgreSQL: redis://HOST, or memory: of this server",
       Kind::text, set_cache, [](const Config& c) { return c.cache; }});
  list.push_back(
      {"node", kBasics,
       "Number of this process among those on one store, 0 to 1023; auto: PostgreSQL gives "
       "each its own",
       Kind::text, set_node, get_node});
}

std::vector<ConfigOption> make_basics() {
  std::vector<ConfigOption> list;
  list.push_back({"store", kBasics, "Where everything is kept (URL)", Kind::text, set_store,
                  [](const Config& c) { return c.store; }});
  list.push_back({"listen", kBasics, "ADDRESS:PORT; IPv6 in brackets; port 0 is any free one",
                  Kind::text, set_listen, get_listen});
  list.push_back(
      flag("dev", kBasics, "A first look: store in ./msg-data, loopback only", &Config::dev));
  list.push_back(flag("insecure-listen", kBasics,
                      "Allow an address that other machines reach, although there is no TLS",
                      &Config::insecure_listen));
  list.push_back(flag("no-authentication", kBasics,
                      "Anybody who reaches the server may act as any user, without a token: for a "
                      "trusted network only",
                      &Config::no_authentication));
  list.push_back(flag("no-web", kBasics, "Serve no web client at /", &Config::no_web));
  list.push_back(flag("metrics-open", kBasics,
                      "Answer /metrics without a key to programs on this machine. Not behind a "
                      "local proxy that passes it on",
                      &Config::metrics_open));
  list.push_back(text("tls-cert", kBasics, "Certificate chain in PEM: speak TLS, and only TLS",
                      [](Config& c) -> auto& { return c.net.tls.certificate; }));
  list.push_back(text("tls-key", kBasics, "Its private key in PEM; both are read anew on SIGHUP",
                      [](Config& c) -> auto& { return c.net.tls.key; }));
  list.push_back({"trusted-proxy", kBasics,
                  "A proxy's address or network, to be believed about clients (repeatable)",
                  Kind::list, add_proxy,
                  [](const Config& c) {
                    std::vector<std::string> ranges;
                    for (const IpRange& range : c.net.proxies.ranges) {
                      ranges.push_back(to_text(range));
                    }
                    return fmt::format("{}", fmt::join(ranges, ","));
                  },
                  [](Config& c) { c.net.proxies.ranges.clear(); }});
  list.push_back(choice(
      "forwarded-header", kBasics, "What trusted proxies write: x-forwarded-for or forwarded",
      [](Config& c) -> auto& { return c.net.proxies.header; },
      std::array<std::string_view, 2>{"x-forwarded-for", "forwarded"}));
  list.push_back({"origin", kBasics, "A web page's origin that may use the server (repeatable)",
                  Kind::list, add_origin,
                  [](const Config& c) { return fmt::format("{}", fmt::join(c.net.origins, ",")); },
                  [](Config& c) { c.net.origins.clear(); }});
  add_others(list);
  list.push_back(choice(
      "log-level", kLogging, "debug, info, warn or error",
      [](Config& c) -> auto& { return c.log_level; },
      std::array<std::string_view, 4>{"debug", "info", "warn", "error"}));
  list.push_back(choice(
      "log-format", kLogging, "auto (text on a terminal), text or json",
      [](Config& c) -> auto& { return c.log_format; },
      std::array<std::string_view, 3>{"auto", "text", "json"}));
  list.push_back(number("io-threads", kThreads, "Threads for the network", 1, 64,
                        [](Config& c) -> auto& { return c.net.io_threads; }));
  list.push_back(number("worker-threads", kThreads, "Threads for calls that block", 1, 256,
                        [](Config& c) -> auto& { return c.worker_threads; }));
  list.push_back(number("worker-queue-max", kThreads, "Calls that wait for one; more get 503", 1,
                        1'000'000, [](Config& c) -> auto& { return c.worker_queue_max; }));
  list.push_back(number("worker-wait-max-ms", kThreads,
                        "When one has waited this long, more get 503; lists after half of it", 1,
                        60'000, [](Config& c) -> auto& { return c.worker_wait_max; }));
  return list;
}

void add_limits(std::vector<ConfigOption>& list) {
  const auto add = [&](std::string_view name, std::string_view help, std::int64_t low,
                       std::int64_t high, auto place) {
    list.push_back(number(name, kLimits, help, low, high, place));
  };
  constexpr std::int64_t mib = 1024 * 1024;
  add("text-bytes-max", "Content of a message", 1, mib,
      [](Config& c) -> auto& { return c.text_bytes_max; });
  add("body-bytes-max", "Body of a request", 1024, 64 * mib,
      [](Config& c) -> auto& { return c.net.head.body_bytes_max; });
  add("ws-message-bytes-max", "WebSocket message", 1024, 16 * mib,
      [](Config& c) -> auto& { return c.net.ws.message_bytes_max; });
  add("ws-frames-per-second-max", "WebSocket frames of one connection", 1, 1'000'000,
      [](Config& c) -> auto& { return c.net.ws.frames_per_second_max; });
  add("ws-pings-per-second-max", "WebSocket pings of one connection", 1, 1'000'000,
      [](Config& c) -> auto& { return c.net.ws.pings_per_second_max; });
  add("group-members-max", "Members of a group", 2, 100'000,
      [](Config& c) -> auto& { return c.group_members_max; });
  list.push_back(flag("direct-needs-acceptance", kLimits,
                      "Who begins a direct conversation sends one message until it is accepted",
                      &Config::direct_needs_acceptance));
  add("phone-lookups-per-day", "Phone numbers by which a user may look for others; 0: none", 0,
      100'000, [](Config& c) -> auto& { return c.phone_lookups_per_day; });
  add("sessions-per-user-max", "Logins and WebSockets of a user", 1, 1024,
      [](Config& c) -> auto& { return c.sessions_per_user_max; });
  constexpr std::int64_t century = std::int64_t{100} * 365 * 86'400;
  add("edit-age-max-s", "Seconds in which a sender may edit a message; 0: never", 0, century,
      [](Config& c) -> auto& { return c.edit_age_max; });
  add("delete-age-max-s", "The same for deleting it for everyone", 0, century,
      [](Config& c) -> auto& { return c.delete_age_max; });
  add("presence-watched-max", "Users whose presence one session is told of", 1, 10'000,
      [](Config& c) -> auto& { return c.presence_watched_max; });
  add("outbox-frames-max", "Frames waiting for a slow reader", 1, 65'536,
      [](Config& c) -> auto& { return c.net.outbox_frames_max; });
  add("outbox-bytes-max", "Bytes waiting for a slow reader", 1024, 256 * mib,
      [](Config& c) -> auto& { return c.net.outbox_bytes_max; });
  add("in-flight-max", "Requests worked on at once; more get 503", 1, 1'000'000,
      [](Config& c) -> auto& { return c.net.in_flight_max; });
  add("requests-per-connection-max", "Requests before a connection is closed", 1, 1'000'000'000,
      [](Config& c) -> auto& { return c.net.requests_per_connection_max; });
  add("connections-max", "Connections in total", 1, 1'000'000,
      [](Config& c) -> auto& { return c.net.connections_max; });
  add("unproven-max", "Connections without a successful request yet", 1, 1'000'000,
      [](Config& c) -> auto& { return c.net.unproven_max; });
  add("connections-per-address-max", "Connections of an IPv4 address or IPv6 /64", 1, 1'000'000,
      [](Config& c) -> auto& { return c.net.connections_per_address_max; });
  add("unproven-per-address-max", "The same, without a successful request yet", 1, 1'000'000,
      [](Config& c) -> auto& { return c.net.unproven_per_address_max; });
}

void add_times(std::vector<ConfigOption>& list) {
  constexpr std::int64_t hour = 3'600'000;
  const auto add = [&](std::string_view name, std::string_view help, auto place) {
    list.push_back(number(name, kTimes, help, 1, hour, place));
  };
  add("drain-timeout-ms", "From SIGTERM until what is left is cut off",
      [](Config& c) -> auto& { return c.net.drain_timeout; });
  add("drain-spread-ms", "Of it, for ending WebSockets one after the other; half at most",
      [](Config& c) -> auto& { return c.net.drain_spread; });
  add("drain-window-ms", "For their clients to spread the next connection over",
      [](Config& c) -> auto& { return c.net.drain_window; });
  add("head-timeout-ms", "For the head of a request to arrive",
      [](Config& c) -> auto& { return c.net.head_timeout; });
  add("body-timeout-ms", "For its body to arrive",
      [](Config& c) -> auto& { return c.net.body_timeout; });
  add("body-grace-ms", "After this a body must come at 1 KB/s",
      [](Config& c) -> auto& { return c.net.body_grace; });
  add("write-timeout-ms", "For a peer that reads nothing",
      [](Config& c) -> auto& { return c.net.write_timeout; });
  add("keep-alive-timeout-ms", "For the next request of a connection",
      [](Config& c) -> auto& { return c.net.keep_alive_timeout; });
  add("ws-hello-timeout-ms", "For the first frame of a WebSocket",
      [](Config& c) -> auto& { return c.ws_hello_timeout; });
  list.push_back(number("node-report-ms", kTimes, "Between two reports to the other servers", 100,
                        60'000, [](Config& c) -> auto& { return c.node_report; }));
  add("presence-window-ms", "Changes of presence within it are told together",
      [](Config& c) -> auto& { return c.presence_window; });
  add("presence-idle-ms", "Until a device on which nothing is done counts as away",
      [](Config& c) -> auto& { return c.presence_idle; });
  add("presence-offline-ms", "Until a user without a device counts as offline",
      [](Config& c) -> auto& { return c.presence_offline; });
  add("ws-ping-interval-ms", "Between pings to a WebSocket",
      [](Config& c) -> auto& { return c.net.ws_ping_interval; });
  add("ws-silence-timeout-ms", "For a WebSocket that sends nothing",
      [](Config& c) -> auto& { return c.net.ws_silence_timeout; });
  add("ws-close-timeout-ms", "For the answer to a close frame",
      [](Config& c) -> auto& { return c.net.ws_close_timeout; });
}

std::string respelled(std::string_view prefix, std::string_view name, bool upper) {
  std::string out(prefix);
  for (const char c : name) {
    out.push_back(c == '-' ? '_' : upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

std::string ConfigOption::variable() const {
  return respelled("MSG_", name, true);
}

std::string ConfigOption::key() const {
  return respelled("", name, false);
}

std::span<const ConfigOption> config_options() {
  static const std::vector<ConfigOption> options = [] {
    std::vector<ConfigOption> list = make_basics();
    add_limits(list);
    add_times(list);
    add_rates(list);
    add_sign_in(list);
    add_jwt(list);
    return list;
  }();
  return options;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

std::string nearest(std::string_view wrong, std::span<const std::string> names) {
  std::string best;
  std::size_t distance = std::numeric_limits<std::size_t>::max();
  for (const std::string& name : names) {
    if (const std::size_t d = edit_distance(wrong, name); d < distance) {
      distance = d;
      best = name;
    }
  }
  return best;
}

}  // namespace msgd
