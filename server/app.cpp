// SPDX-License-Identifier: Apache-2.0
#include "app.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

#include "auth/key_clock.h"
#include "dev_seed.h"
#include "http/dispatch.h"
#include "http/router.h"
#include "jwt_setup.h"
#include "live/live_hub.h"
#include "live/long_poll.h"
#include "live/presence_clock.h"
#include "msg/bus.h"
#include "msg/cache.h"
#include "msg/messenger.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "ops/node_reports.h"
#include "ops/open_links.h"
#include "ops/revocations.h"
#include "ops/services.h"
#include "ops/shared_rates.h"
#include "ops/timer.h"
#include "ops/worker_pool.h"
#include "page/demo_door.h"
#include "page/web_page.h"
#include "sign_in_setup.h"

namespace msgd {
namespace {

/// The path of a store that is files of this machine; nothing for others.
std::optional<std::filesystem::path> path_of(std::string_view store) {
  for (const std::string_view scheme : {"sqlite:", "rocksdb:"}) {
    if (store.starts_with(scheme)) return store.substr(scheme.size());
  }
  return std::nullopt;
}

/// None where there is one server. Without a connection it opens all the same.
std::expected<std::shared_ptr<msg::Bus>, std::string> open_bus(const Config& config) {
  if (config.bus.empty()) return nullptr;
  msg::BusOptions options;
  options.log = [](std::string_view line) { log_warn("bus", {{"what", line}}); };
  auto bus = msg::open_bus(config.bus, options);
  if (!bus) return std::unexpected("--bus: " + bus.error().detail);
  return *std::move(bus);
}

/// Likewise. A reader of PostgreSQL asks it at most as long as it would have asked that.
std::expected<std::shared_ptr<msg::Cache>, std::string> open_cache(const Config& config) {
  if (config.cache.empty() || !config.store.starts_with("postgres")) return nullptr;
  msg::CacheOptions options;
  options.links = static_cast<int>(std::min(config.worker_threads, 64U));
  options.log = [](std::string_view line) { log_warn("cache", {{"what", line}}); };
  auto cache = msg::open_cache(config.cache, options);
  if (!cache) return std::unexpected("--cache: " + cache.error().detail);
  return *std::move(cache);
}

msg::Options messenger_options(const Config& config, std::shared_ptr<msg::Bus> bus,
                               std::shared_ptr<msg::Cache> cache) {
  msg::Options options;
  options.bus = std::move(bus);
  options.cache = std::move(cache);
  options.limits.content_bytes_max = config.text_bytes_max;
  options.limits.group_members_max = static_cast<std::int64_t>(config.group_members_max);
  options.limits.sessions_per_user_max = config.sessions_per_user_max;
  options.limits.edit_age_max = config.edit_age_max;
  options.limits.delete_age_max = config.delete_age_max;
  options.direct_needs_acceptance = config.direct_needs_acceptance;
  options.session_idle_max = config.session_idle;
  options.session_age_max = config.session_age;
  options.audit_age_max = config.audit_age;
  options.node = config.node;
  options.readers = static_cast<int>(std::min(config.worker_threads, 64U));
  options.log = [](std::string_view line) { log_warn("store", {{"what", line}}); };
  return options;
}

LiveOptions live_options(const Config& config) {
  return {.sessions_per_user_max = config.sessions_per_user_max,
          .hello_timeout = config.ws_hello_timeout,
          .frame_bytes_max = config.net.ws.message_bytes_max,
          .ping_interval = config.net.ws_ping_interval};
}

msg::PresenceOptions presence_options(const Config& config) {
  msg::PresenceOptions options;
  options.idle_after = config.presence_idle;
  options.offline_after = config.presence_offline;
  options.watched_max = config.presence_watched_max;
  return options;
}

/// The folder of an embedded store, where the file of --dev goes too.
std::filesystem::path folder_of(std::string_view store) {
  const auto path = path_of(store);
  return path && path->has_parent_path() ? path->parent_path() : ".";
}

/// Where nobody is asked for a token, a site whose name leads here would get in by its own pages.
ServerOptions with_pages(ServerOptions options, bool own_pages) {
  options.own_pages = own_pages;
  return options;
}

RateOptions rate_options(const Config& config) {
  RateOptions rates = config.rates;
  const std::uint32_t lookups = config.phone_lookups_per_day;
  rates.lookups = {.burst = lookups, .per_second = lookups / 86'400.0};
  return rates;
}

/// What the files of an embedded store take: a folder, or a file and those that SQLite puts beside.
std::uintmax_t store_bytes(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code ec;
  std::uintmax_t bytes = 0;
  const auto add = [&](const fs::path& file) {
    std::error_code gone;  // it may be, by now
    const auto size = fs::file_size(file, gone);
    if (!gone) bytes += size;
  };
  if (fs::is_directory(path, ec)) {
    for (fs::directory_iterator file(path, ec), end; !ec && file != end; file.increment(ec)) {
      add(file->path());
    }
  } else {
    for (const char* const more : {"", "-wal", "-shm"}) add(path.string() + more);
  }
  return bytes;
}

void append_gauge(std::string& out, std::string_view name, std::string_view type, auto value) {
  fmt::format_to(std::back_inserter(out), "# TYPE {0} {1}\n{0} {2}\n", name, type, value);
}

void append_bus_metrics(std::string& out, const msg::BusState& state) {
  append_gauge(out, "msgd_bus_connected", "gauge", state.connected ? 1 : 0);
  append_gauge(out, "msgd_bus_sent_total", "counter", state.sent);
  append_gauge(out, "msgd_bus_received_total", "counter", state.received);
  append_gauge(out, "msgd_bus_dropped_total", "counter", state.dropped);
}

void append_cache_metrics(std::string& out, msg::Cache& cache) {
  const msg::CacheState state = cache.state();
  append_gauge(out, "msgd_cache_connected", "gauge", state.connected ? 1 : 0);
  append_gauge(out, "msgd_cache_hits_total", "counter", cache.use().hits.load());
  append_gauge(out, "msgd_cache_loads_total", "counter", cache.use().loads.load());
  append_gauge(out, "msgd_cache_shared_loads_total", "counter", cache.use().shared.load());
  append_gauge(out, "msgd_cache_waiting", "gauge", cache.use().waiting.load());
  append_gauge(out, "msgd_cache_refused_total", "counter", cache.use().refused.load());
  append_gauge(out, "msgd_cache_errors_total", "counter", state.failed);
  append_gauge(out, "msgd_cache_stored_total", "counter", state.stored);
  append_gauge(out, "msgd_cache_dropped_total", "counter", state.dropped);
}

}  // namespace

/// In the order of their making. stop() ends them from the outside in: the network, then what it
/// calls, then the store, whose last completions still find the rest alive.
struct App::Parts {
  Parts(Config c, std::shared_ptr<msg::Bus> b, std::shared_ptr<msg::Cache> k,
        std::unique_ptr<msg::Messenger> m, std::unique_ptr<msg::SignIn> s,
        std::unique_ptr<JwtSignIn> j)
      : config(std::move(c)),
        bus(std::move(b)),
        cache(std::move(k)),
        messenger(std::move(m)),
        sign_in(std::move(s)),
        jwt_sign_in(std::move(j)),
        presence(std::make_unique<msg::Presence>(*messenger, presence_options(config))),
        reported_presence(*presence),
        metrics(route_names(routes())),
        limits(rate_options(config)),
        workers({.threads = config.worker_threads,
                 .queue_max = config.worker_queue_max,
                 .wait_max = config.worker_wait_max}),
        services{
            .messenger = *messenger,
            .presence = *presence,
            .reported_presence = reported_presence,
            .metrics = metrics,
            .sign_in = sign_in.get(),
            .jwt_sign_in = jwt_sign_in.get(),
            .limits = limits,
            .offload = [this](
                           auto work,
                           Urgency urgency) { return workers.try_post(std::move(work), urgency); },
            .after = [this](auto delay, auto work) { timer.after(delay, std::move(work)); },
            .session_revoked =
                [this](msg::SessionId id) {
                  hub.end_session(id);
                  revocations.tell(id);
                },
            .key_revoked =
                [this](msg::ApiKeyId id) {
                  hub.end_key(id);
                  revocations.tell(id);
                },
            .append_metrics = [this](std::string& out) { append_network_metrics(out); },
            .list_nodes = [this] { return node_reports->list(); },
            .open_stream = [this](auto request) { return hub.open_stream(std::move(request)); },
            .sync =
                [this](auto request, auto wait) {
                  LongPoll::begin(services, hub, std::move(request), std::move(wait));
                },
            .no_authentication = config.no_authentication,
            .phone_lookups = config.phone_lookups_per_day > 0,
            .metrics_open = config.metrics_open || config.dev},
        page(config.no_web ? std::string_view{} : web_pack()),
        hub(services, live_options(config)),
        revocations(
            bus, services, [this](msg::SessionId id) { hub.recheck_session(id); },
            [this](msg::ApiKeyId id) { hub.recheck_key(id); }),
        presence_clock(services, config.presence_window),
        shared_rates(std::make_unique<SharedRates>(services)),
        node_reports(std::make_unique<NodeReports>(
            services, [this] { return node_parts(); }, config.node_report)),
        dispatcher(services, routes()),
        server(
            with_pages(config.net, !page.empty() && !config.no_authentication),
            [this](Request request, Responder respond) {
              handle(std::move(request), std::move(respond));
            },
            [this](const Request& upgrade, std::shared_ptr<WsTransport> transport) {
              return hub.open(upgrade, std::move(transport));
            }) {
    if (jwt_sign_in) key_clock.emplace(services, jwt_sign_in->keys());
    if (config.dev && !page.empty()) demo_door.emplace(services);
  }

  void handle(Request request, Responder respond) {
    if (auto file = page.serve(request)) return respond(*std::move(file));
    if (demo_door && demo_door->handle(request, respond)) return;
    dispatcher.handle(std::move(request), std::move(respond));
  }

  void append_network_metrics(std::string& out) const {
    const ServerStats stats = server.stats();
    append_gauge(out, "msgd_connections", "gauge", stats.connections);
    append_gauge(out, "msgd_requests_in_flight", "gauge", stats.in_flight);
    append_gauge(out, "msgd_connections_accepted_total", "counter", stats.accepted);
    append_gauge(out, "msgd_connections_rejected_total", "counter", stats.rejected);
    append_gauge(out, "msgd_tls_refused_total", "counter", stats.tls_refused);
    append_gauge(out, "msgd_tls_certificate_expires_seconds", "gauge",
                 stats.certificate_expires.time_since_epoch().count());
    append_gauge(out, "msgd_requests_refused_overload_total", "counter", stats.overloaded);
    append_gauge(out, "msgd_worker_queue", "gauge", workers.queued());
    append_gauge(out, "msgd_worker_wait_seconds", "gauge",
                 std::chrono::duration<double>(workers.longest_wait()).count());
    append_gauge(out, "msgd_worker_refused_total", "counter", workers.refused());
    if (bus) append_bus_metrics(out, bus->state());
    if (cache) append_cache_metrics(out, *cache);
    append_gauge(out, "msgd_commit_queue", "gauge", messenger->queued_writes());
    append_gauge(out, "msgd_node", "gauge", messenger->node());
    if (const auto path = path_of(config.store)) {
      append_gauge(out, "msgd_store_bytes", "gauge", store_bytes(*path));
    }
    limits.append_metrics(out);
    if (sign_in) append_sign_in_metrics(out, sign_in->counters());
    if (jwt_sign_in) jwt_sign_in->append_metrics(out);
  }

  NodeReports::Parts node_parts() const {
    NodeReports::Parts known{.connections = server.stats().connections};
    if (bus) known.bus_connected = bus->state().connected;
    if (cache) known.cache_connected = cache->state().connected;
    return known;
  }

  const Config config;
  const std::shared_ptr<msg::Bus> bus;
  const std::shared_ptr<msg::Cache> cache;
  std::unique_ptr<msg::Messenger> messenger;
  std::unique_ptr<msg::SignIn> sign_in;
  std::unique_ptr<JwtSignIn> jwt_sign_in;
  std::unique_ptr<msg::Presence> presence;
  ReportedPresence reported_presence;
  Metrics metrics;
  RateLimits limits;
  Timer timer;
  WorkerPool workers;
  Services services;
  const WebPage page;
  std::optional<DemoDoor> demo_door;
  LiveHub hub;
  Revocations revocations;
  PresenceClock presence_clock;
  std::unique_ptr<SharedRates> shared_rates;
  std::unique_ptr<NodeReports> node_reports;
  std::optional<KeyClock> key_clock;
  Dispatcher dispatcher;
  Server server;
};

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() {
  parts_->services.draining = true;
  parts_->server.stop();
  parts_->hub.stop();
  parts_->timer.stop();
  parts_->workers.stop();
  parts_->shared_rates.reset();
  parts_->node_reports.reset();
  // Everybody has gone by now.
  if (const auto stored = parts_->presence->store_last_seen(true); !stored) {
    log_warn("presence.not_stored", {{"why", stored.error().detail}});
  }
  parts_->reported_presence.clear();
  parts_->presence.reset();
  parts_->sign_in.reset();
  parts_->messenger.reset();
}

std::expected<std::unique_ptr<App>, std::string> App::open(Config config) {
  if (path_of(config.store)) {
    std::error_code ec;
    const auto folder = folder_of(config.store);
    if (std::filesystem::create_directories(folder, ec)) {
      std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ec);
    }
    if (ec)
      return std::unexpected(fmt::format("Cannot make {}: {}", folder.string(), ec.message()));
  }
  auto bus = open_bus(config);
  if (!bus) return std::unexpected(bus.error());
  auto cache = open_cache(config);
  if (!cache) return std::unexpected(cache.error());
  auto messenger = msg::open(config.store, messenger_options(config, *bus, *cache));
  if (!messenger) return std::unexpected(messenger.error().detail);
  auto sign_in = open_sign_in(**messenger, config);
  if (!sign_in) return std::unexpected(sign_in.error());
  auto jwt_sign_in = open_jwt_sign_in(config);
  if (!jwt_sign_in) return std::unexpected(jwt_sign_in.error());
  auto parts =
      std::make_unique<Parts>(std::move(config), std::move(*bus), std::move(*cache),
                              std::move(*messenger), std::move(*sign_in), std::move(*jwt_sign_in));
  return std::unique_ptr<App>(new App(std::move(parts)));
}

std::expected<BoundAddress, std::string> App::start() {
  Parts& p = *parts_;
  auto bound = p.server.start();
  if (!bound) return bound;
  if (p.config.no_authentication) {
    log_warn("server.no_authentication",
             {{"why", "anybody who reaches this server may act as any user"}});
  }
  warn_of_open_link("store", p.config.store);
  warn_of_open_link("bus", p.config.bus);
  warn_of_open_link("cache", p.config.cache);
  p.hub.start();
  p.presence_clock.start();
  p.shared_rates->start();
  p.node_reports->start(bound->address, bound->port);
  if (p.key_clock) p.key_clock->start();
  if (p.config.dev) {
    const auto seeded =
        seed_dev(*p.messenger, folder_of(p.config.store), *bound,
                 {.tls = !p.config.net.tls.certificate.empty(), .page = !p.page.empty()});
    if (!seeded) return std::unexpected(seeded.error().detail);
  }
  return bound;
}

void App::reload() {
  const Config& config = parts_->config;
  if (parts_->jwt_sign_in) {
    if (const auto done = parts_->jwt_sign_in->keys().load(); !done) {
      log_error("reload.failed", {{"why", done.error()}, {"kept", "the keys in use"}});
    } else {
      log_info("reloaded", {{"keys", config.jwt_keys}});
    }
  }
  if (const auto done = parts_->server.reload_tls(); !done) {
    return log_error("reload.failed", {{"why", done.error()}, {"kept", "the certificate in use"}});
  }
  log_info("reloaded", {{"certificate", config.net.tls.certificate}});
}

void App::stop() {
  Parts& p = *parts_;
  p.services.draining = true;
  const ServerOptions& net = p.config.net;
  p.server.begin_drain();
  p.hub.begin_drain(std::min(net.drain_spread, net.drain_timeout / 2));
  if (!p.server.wait_drained(p.config.net.drain_timeout)) log_warn("drain.timeout");
  p.server.stop();
}

}  // namespace msgd
