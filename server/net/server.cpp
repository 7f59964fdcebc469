// SPDX-License-Identifier: Apache-2.0
#include "net/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include "net/asio.h"
#include "net/context.h"
#include "net/io_thread.h"
#include "net/listener.h"
#include "ops/log.h"

namespace msgd {
namespace {

// A connection is a descriptor; the soft limit is often 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Catches from the first mention on and keeps what comes until somebody waits for it.
struct SignalCatcher {
  static SignalCatcher& instance() {
    static SignalCatcher catcher;
    return catcher;
  }

  SignalCatcher() : signals(context, SIGINT, SIGTERM, SIGHUP) { wait(); }

  void wait() {
    signals.async_wait([this](boost::system::error_code, int number) {
      if (number != SIGHUP) {
        received = number;
        return;
      }
      if (on_hangup) on_hangup();
      wait();
    });
  }

  asio::io_context context;
  asio::signal_set signals;
  std::function<void()> on_hangup;
  int received{0};
};

}  // namespace

struct Server::Impl {
  Impl(ServerOptions o, RequestHandler h, WsEndpointFactory f)
      : context(std::make_shared<ServerContext>(std::move(o), std::move(h), std::move(f))) {}

  /// A herd is dangerous when it is large: a few sessions need not be waited for.
  DrainPlan drain_plan() const {
    constexpr std::chrono::milliseconds each{5};
    const ServerOptions& options = context->options;
    const auto pushed_to =
        static_cast<std::int64_t>(context->websockets.load() + context->event_streams.load());
    return {.spread = std::min({options.drain_spread, options.drain_timeout / 2, each * pushed_to}),
            .close_at = IoThread::now() + options.drain_timeout * 3 / 4};
  }

  std::shared_ptr<ServerContext> context;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::unique_ptr<Listener> listener;  // on the first thread; goes before it
  std::atomic<bool> draining{false};
};

Server::Server(ServerOptions options, RequestHandler handler, WsEndpointFactory ws_factory)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler), std::move(ws_factory))) {
}

Server::~Server() {
  stop();
}

std::expected<BoundAddress, std::string> Server::start() {
  std::signal(SIGPIPE, SIG_IGN);
  SignalCatcher::instance();  // who has read that we listen may stop us at once
  raise_descriptor_limit();
  const ServerOptions& options = impl_->context->options;
  for (unsigned i = 0; i < std::max(1u, options.io_threads); ++i) {
    impl_->threads.push_back(std::make_unique<IoThread>());
  }
  if (!options.tls.certificate.empty()) {
    auto tls = TlsIdentity::load(options.tls);
    if (!tls) return std::unexpected(std::move(tls.error()));
    impl_->context->tls = std::move(*tls);
  }
  impl_->listener = std::make_unique<Listener>(impl_->context, impl_->threads);
  const auto endpoint = impl_->listener->open();
  if (!endpoint) return std::unexpected(endpoint.error());
  BoundAddress bound{endpoint->address().to_string(), endpoint->port()};
  log_info(
      "listening",
      {{"address", bound.address}, {"port", bound.port}, {"tls", impl_->context->tls != nullptr}});
  impl_->listener->run();
  for (unsigned i = 0; i < impl_->threads.size(); ++i) impl_->threads[i]->start(i);
  return bound;
}

std::expected<void, std::string> Server::reload_tls() {
  if (impl_->context->tls == nullptr) return {};
  return impl_->context->tls->reload();
}

void Server::begin_drain() {
  if (impl_->draining.exchange(true) || impl_->listener == nullptr) return;
  // Thread by thread in the order of posts: what was accepted before is there to be drained.
  impl_->threads.front()->gate()->post([impl = impl_.get()] { impl->listener->close(); });
  const DrainPlan plan = impl_->drain_plan();
  log_info("drain", {{"websockets", impl_->context->websockets.load()},
                     {"event_streams", impl_->context->event_streams.load()},
                     {"spread_ms", plan.spread.count()}});
  for (const auto& thread : impl_->threads) thread->drain(plan);
}

bool Server::draining() const {
  return impl_->draining;
}

bool Server::wait_drained(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (impl_->context->admission.connections() != 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

void Server::stop() {
  for (const auto& thread : impl_->threads) thread->stop();
  impl_->listener.reset();
  impl_->threads.clear();
}

ServerStats Server::stats() const {
  const ServerContext& context = *impl_->context;
  return {.connections = context.admission.connections(),
          .websockets = context.websockets,
          .in_flight = context.in_flight,
          .accepted = context.accepted,
          .rejected = context.rejected,
          .tls_refused = context.tls_refused,
          .certificate_expires =
              context.tls != nullptr ? context.tls->expires() : std::chrono::sys_seconds{},
          .requests = context.requests,
          .overloaded = context.overloaded};
}

int wait_for_signal(const std::function<void()>& on_hangup) {
  SignalCatcher& catcher = SignalCatcher::instance();
  catcher.on_hangup = on_hangup;
  catcher.context.run();
  catcher.signals.clear();
  return catcher.received;
}

}  // namespace msgd
