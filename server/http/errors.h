// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "msg/status.h"

namespace msgd {

/// One thing wrong with a request. `pointer` is a JSON pointer into the body ("/phone"), or
/// "?name" for a query parameter; `detail` a sentence that never repeats what was sent.
struct FieldProblem {
  std::string pointer;
  std::string detail;
};
using FieldProblems = std::vector<FieldProblem>;

/// Why a request gets no answer of its own kind; what RFC 9457 calls a problem.
struct Problem {
  int status{500};
  std::string_view code{"internal"};  ///< Stable, of static storage.
  std::string detail;
  FieldProblems errors;
  std::chrono::milliseconds retry_after{0};
  std::string field;   ///< The library's word for the argument at fault, until it has a pointer.
  std::string hidden;  ///< What only the log may say.
  std::chrono::nanoseconds waited{};  ///< As in Response.

  Problem() = default;
  Problem(int status_, std::string_view code_, std::string detail_);
  /// Not explicit, so that MSG_TRY and MSG_CHECK work in functions that return an Outcome.
  Problem(msg::Error error);  // NOLINT(google-explicit-constructor)
};

template <class T>
using Outcome = std::expected<T, Problem>;

/// The one map from the library's codes to HTTP.
int status_of(msg::Code code);

/// 400: not HTTP or JSON as specified.
Problem malformed(std::string detail);
/// 422 with everything that is wrong; `problems` is not empty.
Problem invalid(FieldProblems problems);
/// 422 for one field.
Problem invalid(std::string pointer, std::string detail);
Problem not_found();
Problem unauthenticated();
/// 503: a bound of the server was reached and nothing happened.
Problem overloaded(std::string detail);
/// 429: it came too often, and nothing happened.
Problem rate_limited(std::chrono::nanoseconds retry_after);
/// 503: the process ends, and another takes its place.
Problem restarting(std::chrono::milliseconds reconnect_delay);
/// 500 that tells the caller nothing and the log `hidden`.
Problem internal(std::string hidden);

/// Turns `field` into an entry of `errors`: the library and the interface share their names.
void locate(Problem& problem, bool in_query);

/// application/problem+json with the headers that belong to the status.
Response to_response(const Problem& problem, std::string_view request_id);

/// Reason phrase of RFC 9110, "Unprocessable Content".
std::string_view reason_of(int status);

}  // namespace msgd
