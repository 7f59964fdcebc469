// SPDX-License-Identifier: Apache-2.0
#include "net/http_response.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace msgd {
namespace {

// What is served is for programs, but for the web client's files, which bring a policy of their
// own: a browser is to show none of it, nor lend it to other pages.
// Pages on the list of origins read it by CORS, which goes before Cross-Origin-Resource-Policy.
constexpr std::string_view kSecurityFields =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";
constexpr const char* kNoContent = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view kOnlyTls = "Strict-Transport-Security: max-age=31536000\r\n";

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    head.push_back(byte < 0x20 || byte == 0x7F ? ' ' : c);
  }
  head.append("\r\n");
}

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
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
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string encode_response_head(const Response& response, const ResponseFrame& frame) {
  std::string head;
  head.reserve(768);
  const auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  fmt::format_to(out, "Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", fmt::gmtime(frame.date));
  bool own_cache_control = false;
  bool own_policy = false;
  for (const auto& [name, value] : response.headers) {
    if (!is_token(name)) continue;
    own_cache_control |= equal_ignoring_case(name, "cache-control");
    own_policy |= equal_ignoring_case(name, "content-security-policy");
    append_field(head, name, value);
  }
  if (may_have_body(response.status)) {
    const bool streams = response.stream != nullptr;
    if (streams || !response.body.empty()) {
      append_field(head, "Content-Type", response.content_type);
    }
    if (!streams) fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
  }
  append_field(head, "X-Request-Id", frame.request_id);
  head += kSecurityFields;
  if (!own_policy) append_field(head, "Content-Security-Policy", kNoContent);
  if (frame.tls) head += kOnlyTls;
  if (!own_cache_control) append_field(head, "Cache-Control", "no-store");
  if (!frame.keep_alive) {
    append_field(head, "Connection", "close");
  } else if (frame.http_1_0) {
    append_field(head, "Connection", "keep-alive");
  }
  return head += "\r\n";
}

Response problem_response(const HttpFault& fault, std::string_view request_id) {
  Response response;
  response.status = fault.status;
  response.content_type = "application/problem+json";
  // Nothing in it needs escaping: literals, and an id of is_request_id().
  response.body =
      fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"code":"{}",)"
                  R"("detail":"{}","request_id":"{}"}})",
                  reason_phrase(fault.status), fault.status, fault.code, fault.detail, request_id);
  if (fault.status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

bool is_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  });
}

// version "-" trace-id "-" parent-id "-" flags
bool is_traceparent(std::string_view value) {
  constexpr std::size_t size = 55;
  return value.size() == size && value.starts_with("00-") && value[35] == '-' && value[52] == '-' &&
         is_lower_hex(value.substr(3, 32)) && is_lower_hex(value.substr(36, 16)) &&
         is_lower_hex(value.substr(53, 2)) &&
         value.substr(3, 32).find_first_not_of('0') != std::string_view::npos &&
         value.substr(36, 16).find_first_not_of('0') != std::string_view::npos;
}

}  // namespace msgd
