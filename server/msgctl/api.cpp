// SPDX-License-Identifier: Apache-2.0
#include "msgctl/api.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "msg/status.h"
#include "msgctl/http_client.h"
#include "msgctl/json.h"

namespace msgctl {
namespace {

namespace json = boost::json;

constexpr std::string_view kBase = "/api/v1";

/// The sentence of a problem body (RFC 9457), with the fields at fault.
std::unexpected<Failure> failure_of(int status, const json::object& problem) {
  auto code = text_at(problem, "code");
  auto detail = text_at(problem, "detail");
  if (code.empty()) code = "http_" + std::to_string(status);
  if (detail.empty()) detail = "The server answered " + std::to_string(status) + ".";
  for (const auto& item : array_at(problem, "errors")) {
    const auto* error = item.if_object();
    if (error == nullptr) continue;
    const auto text = text_at(*error, "detail");
    detail += " " + text_at(*error, "pointer") + (text == detail ? "" : ": " + text);
  }
  if (code == "internal") detail += " (request " + text_at(problem, "request_id") + ")";
  return refused(std::move(code), std::move(detail));
}

}  // namespace

Outcome<json::object> Api::exchange(std::string_view method, std::string target, std::string body,
                                    const Access& access) const {
  HttpRequest request{.method = method,
                      .target = endpoint_.prefix + std::move(target),
                      .bearer = access.bearer,
                      .user_id = access.user_id,
                      .body = std::move(body)};
  MSG_TRY(const auto reply, http_exchange(endpoint_, request, timeout_));
  json::object object;
  bool understood = reply.body.empty();
  boost::system::error_code ec;
  auto value = json::parse(reply.body, ec);
  if (!ec && value.is_object()) {
    object = std::move(value.get_object());
    understood = true;
  }
  if (reply.status >= 400) return failure_of(reply.status, object);
  if (!understood || reply.status < 200 || reply.status >= 300) {
    return unreachable("What answers at " + endpoint_.url() + " is not msgd (status " +
                       std::to_string(reply.status) + ").");
  }
  return object;
}

Outcome<json::object> Api::get(std::string_view path, const Query& query) const {
  std::string target{kBase};
  target += path;
  char mark = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target += std::exchange(mark, '&');
    target += std::string{name} + "=" + url_escape(value);
  }
  return exchange("GET", std::move(target), {}, access_);
}

Outcome<json::object> Api::post(std::string_view path, const json::object& body) const {
  return exchange("POST", std::string{kBase} + std::string{path}, json::serialize(body), access_);
}

Outcome<json::object> Api::put(std::string_view path) const {
  return exchange("PUT", std::string{kBase} + std::string{path}, {}, access_);
}

Outcome<json::object> Api::patch(std::string_view path, const json::object& body) const {
  return exchange("PATCH", std::string{kBase} + std::string{path}, json::serialize(body), access_);
}

Outcome<json::object> Api::remove(std::string_view path) const {
  return exchange("DELETE", std::string{kBase} + std::string{path}, {}, access_);
}

Outcome<json::object> Api::get_plain(std::string_view path) const {
  return exchange("GET", std::string{path}, {}, {});
}

}  // namespace msgctl
