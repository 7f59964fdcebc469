// SPDX-License-Identifier: Apache-2.0
#include "http/errors.h"

#include <algorithm>
#include <utility>

#include "http/json_write.h"

namespace msgd {
namespace {

bool may_be_shown(msg::Code code) {
  return code != msg::Code::unavailable && code != msg::Code::corrupt;
}

std::string_view code_of(msg::Code code) {
  return code == msg::Code::corrupt ? "internal" : msg::to_string(code);
}

std::string sentence_of(msg::Code code, std::string detail) {
  if (code == msg::Code::unavailable) {
    return "The store cannot answer now. Try again; a send with the same client_id.";
  }
  if (code == msg::Code::corrupt)
    return "A fault of the server. The request id finds it in the log.";
  return detail;
}

}  // namespace

int status_of(msg::Code code) {
  switch (code) {
    case msg::Code::invalid_argument:
      return 422;
    case msg::Code::unauthenticated:
      return 401;
    case msg::Code::permission_denied:
      return 403;
    case msg::Code::not_found:
      return 404;
    case msg::Code::conflict:
      return 409;
    case msg::Code::idempotency_conflict:
      return 422;
    case msg::Code::rate_limited:
      return 429;
    case msg::Code::overloaded:
    case msg::Code::unavailable:
      return 503;
    case msg::Code::corrupt:
      return 500;
  }
  std::unreachable();
}

Problem::Problem(int status_, std::string_view code_, std::string detail_)
    : status(status_), code(code_), detail(std::move(detail_)) {}

Problem::Problem(msg::Error error) : status(status_of(error.code)), code(code_of(error.code)) {
  retry_after = error.retry_after;
  field = std::move(error.field);
  if (error.code == msg::Code::unauthenticated) {
    detail = unauthenticated().detail;
    return;
  }
  if (!may_be_shown(error.code)) hidden = error.detail;
  detail = sentence_of(error.code, std::move(error.detail));
}

Problem malformed(std::string detail) {
  return {400, "malformed_request", std::move(detail)};
}

Problem invalid(FieldProblems problems) {
  Problem problem{422, "invalid_argument",
                  problems.front().pointer + ": " + problems.front().detail};
  problem.errors = std::move(problems);
  return problem;
}

Problem invalid(std::string pointer, std::string detail) {
  return invalid(FieldProblems{{std::move(pointer), std::move(detail)}});
}

Problem not_found() {
  return {404, "not_found", "There is no such thing, or not for you."};
}

Problem unauthenticated() {
  return {401, "unauthenticated", "A valid token is needed: Authorization: Bearer <token>."};
}

Problem overloaded(std::string detail) {
  Problem problem{503, "overloaded", std::move(detail)};
  problem.retry_after = std::chrono::seconds(1);
  return problem;
}

Problem rate_limited(std::chrono::nanoseconds retry_after) {
  Problem problem{429, "rate_limited", "Too often. Come back after the time that is named."};
  problem.retry_after = std::max(std::chrono::ceil<std::chrono::milliseconds>(retry_after),
                                 std::chrono::milliseconds{1});
  return problem;
}

Problem restarting(std::chrono::milliseconds reconnect_delay) {
  Problem problem{503, "unavailable", "The server restarts. Connect again."};
  problem.retry_after = std::max(reconnect_delay, std::chrono::milliseconds{1});
  return problem;
}

Problem internal(std::string hidden) {
  Problem problem{500, "internal", sentence_of(msg::Code::corrupt, {})};
  problem.hidden = std::move(hidden);
  return problem;
}

void locate(Problem& problem, bool in_query) {
  if (problem.field.empty() || problem.status == 404 || !problem.errors.empty()) return;
  std::string pointer{in_query ? "?" : "/"};
  pointer += problem.field;
  problem.errors.push_back({std::move(pointer), problem.detail});
}

Response to_response(const Problem& problem, std::string_view request_id) {
  Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.waited = problem.waited;
  {
    JsonObject json(response.body);
    json.text("type", "about:blank").text("title", reason_of(problem.status));
    json.number("status", problem.status).text("code", problem.code);
    json.text("detail", problem.detail).text("request_id", request_id);
    if (!problem.errors.empty()) {
      json.array("errors", problem.errors, [](std::string& out, const FieldProblem& error) {
        JsonObject(out).text("pointer", error.pointer).text("detail", error.detail);
      });
    }
  }
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (problem.status == 503 || problem.retry_after.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(problem.retry_after).count();
    response.headers.emplace_back("Retry-After", std::to_string(std::max<long>(1, seconds)));
  }
  return response;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

}  // namespace msgd
