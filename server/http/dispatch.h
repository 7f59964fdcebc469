// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/message.h"
#include "http/router.h"
#include "ops/services.h"

namespace msgd {

/// The way of one request above the network:
///
///   I/O thread      route -> Accept, Content-Type -> worker pool (too much to do: 503)
///   worker          token -> access -> rate limit -> handler -+-> answer
///   committer                                                 '-> (asynchronous handlers) answer
///
/// Without a token the limit is an address's and looked at on the I/O thread. Whether the body is
/// JSON is the handler's to find out: nothing refused before has been parsed.
///
/// A token is asked of the store each time: a revoked one is refused from then on.
///
/// Thread safety: all calls from any thread.
class Dispatcher {
 public:
  /// `services` must outlive the dispatcher and every request.
  Dispatcher(Services& services, std::span<const Route> table)
      : services_(services), table_(table), router_(table) {}

  /// Answers exactly once, whatever happens. Does not block.
  void handle(Request request, Responder respond);

 private:
  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;

  void run(const ExchangePtr& exchange);
  Outcome<void> call_handler(const ExchangePtr& exchange);
  Outcome<msg::Principal> authorize(const ExchangePtr& exchange);
  Outcome<msg::Principal> authenticate(const ExchangePtr& exchange);
  Outcome<void> count(const ExchangePtr& exchange, const msg::Principal& principal);
  void finish(const ExchangePtr& exchange, Outcome<Response> outcome);

  Services& services_;
  std::span<const Route> table_;
  Router router_;
};

/// "GET /api/v1/me" of every row, for Metrics.
std::vector<std::string> route_names(std::span<const Route> table);

}  // namespace msgd
