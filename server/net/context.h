// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/admission.h"
#include "net/options.h"
#include "net/tls.h"
#include "net/ws_transport.h"

namespace msgd {

/// What all connections of a server share. Outlives them.
struct ServerContext {
  ServerContext(ServerOptions o, RequestHandler h, WsEndpointFactory f)
      : options(std::move(o)),
        handler(std::move(h)),
        ws_factory(std::move(f)),
        admission({.connections_max = options.connections_max,
                   .unproven_max = options.unproven_max,
                   .per_address_max = options.connections_per_address_max,
                   .unproven_per_address_max = options.unproven_per_address_max}) {}

  const ServerOptions options;
  const RequestHandler handler;
  const WsEndpointFactory ws_factory;
  Admission admission;
  std::unique_ptr<TlsIdentity> tls;  // set before the threads run; none: plain
  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::size_t> websockets{0};
  std::atomic<std::size_t> event_streams{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> rejected{0};     // connections over a limit
  std::atomic<std::uint64_t> tls_refused{0};  // connections that were no TLS, or none of ours
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> overloaded{0};  // requests over in_flight_max
};

}  // namespace msgd
