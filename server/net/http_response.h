// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "net/http_head.h"

namespace msgd {

struct ResponseFrame {
  bool keep_alive{true};
  bool http_1_0{false};
  bool tls{false};
  std::string_view request_id;
  std::chrono::sys_seconds date;
};

/// Status line and header of an answer, up to and with the empty line. Adds Content-Length, Date,
/// Connection, X-Request-Id and the security headers; a Cache-Control and a
/// Content-Security-Policy of the response stand.
/// Control characters in values become spaces, so no value can begin another line.
std::string encode_response_head(const Response& response, const ResponseFrame& frame);

/// When an address, or all together, has as many connections as it may have.
inline constexpr HttpFault kManyConnections{
    .status = 503, .code = "overloaded", .detail = "Too many connections; try again."};

/// The answer to what the guard refuses: application/problem+json.
Response problem_response(const HttpFault& fault, std::string_view request_id);

/// Whether a response of that status has a body at all (RFC 9110 §6.4.1).
bool may_have_body(int status);

/// "Not Found" for 404; "Status" for what has no name here.
std::string_view reason_phrase(int status);

/// Whether a peer's X-Request-Id is taken over: 1–64 of A-Z a-z 0-9 . _ -
bool is_request_id(std::string_view id);

/// Whether it is a W3C traceparent of version 00.
bool is_traceparent(std::string_view value);

}  // namespace msgd
