// SPDX-License-Identifier: Apache-2.0
#include "http/openapi.h"
#include "live/asyncapi.h"
#include "ops/log.h"
#include "routes/handlers.h"

namespace msgd {
namespace {

Response status_response(std::string_view status) {
  Response response =
      json_response(200, [&](std::string& out) { JsonObject(out).text("status", status); });
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response described(std::string_view document) {
  Response response;
  response.body = document;
  response.headers.emplace_back("Cache-Control", "public, max-age=300");
  return response;
}

}  // namespace

Outcome<Response> get_health(const Call& /*call*/) {
  return status_response("ok");
}

Outcome<Response> get_readiness(const Call& call) {
  if (call.services.draining) return std::unexpected(overloaded("The server is ending."));
  MSG_CHECK(call.messenger().check());
  return status_response("ready");
}

Outcome<Response> get_metrics(const Call& call) {
  Response response;
  response.body = call.services.metrics.to_text();
  if (call.services.append_metrics) call.services.append_metrics(response.body);
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

Outcome<Response> list_problems(const Call& /*call*/) {
  const auto as_it_is = [](std::string& out, const std::string& line) { out += line; };
  return json_response(
      200, [&](std::string& out) { JsonObject(out).array("items", recent_problems(), as_it_is); });
}

Outcome<Response> list_nodes(const Call& call) {
  std::vector<msg::KnownNode> nodes;
  if (call.services.list_nodes) nodes = call.services.list_nodes();
  return json_response(
      200, [&](std::string& out) { JsonObject(out).array("items", nodes, append_node); });
}

Outcome<Response> get_openapi(const Call& /*call*/) {
  return described(openapi_document());
}

Outcome<Response> get_asyncapi(const Call& /*call*/) {
  return described(asyncapi_document());
}

}  // namespace msgd
