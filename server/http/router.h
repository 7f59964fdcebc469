// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "http/errors.h"
#include "routes/call.h"

namespace msgd {

/// Who may call a route.
enum class Access {
  none,           ///< Anybody.
  any,            ///< A session or a key.
  any_or_ticket,  ///< The same, or a ticket in the query.
  optional,       ///< Anybody; whoever shows a token is who it says.
  key,            ///< A key; a session gets 403.
  key_or_open,    ///< A key; with --metrics-open anybody on this machine.
};

/// Answers on the worker pool; may block on the store.
using SyncHandler = Outcome<Response> (*)(const Call&);
/// Begins on the worker pool and answers from wherever the work completes: a refusal is returned,
/// else `answer` is called exactly once. No worker waits for a commit.
using AsyncHandler = Outcome<void> (*)(const Call&, Answer answer);
/// Answers at once on the I/O thread; never blocks, works while the worker pool is full.
using InlineHandler = Outcome<Response> (*)(const Call&);

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "/api/v1/users/{id}"
  Access access{Access::any};
  /// Any of them is enough for a key; a session needs none.
  msg::KeyScopes scopes{msg::KeyScope::act_as_user};
  SyncHandler sync{nullptr};  ///< One of the three is set.
  AsyncHandler async{nullptr};
  InlineHandler at_once{nullptr};
  /// Media type of its answers; empty: programs ask for it in many ways, and get it whatever they
  /// say.
  std::string_view produces{"application/json"};
  RateClass counted_as{RateClass::other};
  Urgency urgency{Urgency::normal};
};

/// Every endpoint of the server; see routes.cpp. Of static storage.
std::span<const Route> routes();

struct Match {
  const Route* route{nullptr};
  PathParams params;  ///< Views into the path that was matched.
};

/// Finds the row of the table for a request. Patterns are compared segment by segment, a fixed
/// segment before "{…}". HEAD is served by GET.
///
/// Thread safety: all calls from any thread.
class Router {
 public:
  /// `table` must outlive the router.
  explicit Router(std::span<const Route> table) : table_(table) {}

  /// not_found, or method_not_allowed when the path has other methods.
  Outcome<Match> find(std::string_view method, std::string_view path) const;

  /// "GET, HEAD, OPTIONS, POST"; empty when no route has this path.
  std::string allowed(std::string_view path) const;

 private:
  std::span<const Route> table_;
};

}  // namespace msgd
