// SPDX-License-Identifier: Apache-2.0
//
//   extensions = 1#( token *( ";" parameter ) )            RFC 6455 section 9.1
//   parameter  = token [ "=" ( token | quoted-string ) ]   the string, unquoted, is a token too
#include "net/ws_handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "http/credentials.h"
#include "net/cors.h"

namespace msgd {
namespace {

constexpr std::size_t kKeyChars = 24;  // base64 of 16 bytes

std::unexpected<HttpFault> refuse(std::string_view detail) {
  return std::unexpected(HttpFault{.detail = detail});
}

std::size_t count(const HttpHead& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(head.fields, [&](const auto& field) { return field.first == name; }));
}

bool is_key(std::string_view key) {
  if (key.size() != kKeyChars || !key.ends_with("==")) return false;
  key.remove_suffix(2);
  return std::ranges::all_of(key, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '/';
  });
}

/// Whether `accept` says so of each element of the lists in the fields of that name.
template <class Accept>
bool all_elements(const HttpHead& head, std::string_view name, Accept accept) {
  for (const auto& [field, value] : head.fields) {
    if (field != name) continue;
    for (std::string_view list = value; !list.empty();) {
      if (!accept(next_element(list))) return false;
    }
  }
  return true;
}

bool is_quoted_token(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return false;
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\') ++i;  // at the end it takes the closing quote, which is no token
    plain.push_back(text[i]);
  }
  return is_token(plain);
}

bool is_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return is_token(text);
  const std::string_view value = trim(text.substr(equals + 1));
  return is_token(trim(text.substr(0, equals))) && (is_token(value) || is_quoted_token(value));
}

// Commas and semicolons need no care inside quotes: they are in no token.
bool is_extension(std::string_view text) {
  std::size_t end = text.find(';');
  if (!is_token(trim(text.substr(0, end)))) return false;
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 1);
    end = text.find(';');
    if (!is_parameter(trim(text.substr(0, end)))) return false;
  }
  return true;
}

/// None is used, but one that is malformed must fail the handshake.
bool has_good_extensions(const HttpHead& head) {
  constexpr std::string_view name = "sec-websocket-extensions";
  if (!head.field(name)) return true;
  bool any = false;
  const auto is_good = [&](std::string_view element) {
    any |= !element.empty();
    return element.empty() || is_extension(element);
  };
  return all_elements(head, name, is_good) && any;
}

/// To the letter: a client fails on an answer that it did not offer.
bool offers_subprotocol(const HttpHead& head) {
  return !all_elements(head, "sec-websocket-protocol",
                       [](std::string_view element) { return element != kWsSubprotocol; });
}

}  // namespace

bool is_ws_path(std::string_view path) {
  return path == "/" || path == "/api/v1/ws";
}

bool wants_websocket(const HttpHead& head) {
  return head.has_token("upgrade", "websocket");
}

std::string ws_accept_value(std::string_view key) {
  std::string input(key);
  input += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(input.data(), input.size(), digest.data(), &size, ::EVP_sha1(), nullptr);
  std::array<unsigned char, 64> text{};
  const int length = ::EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return {text.begin(), text.begin() + length};
}

std::expected<std::string, HttpFault> accept_websocket(const HttpHead& head, const Request& request,
                                                       const std::vector<std::string>& origins,
                                                       bool own_pages) {
  if (head.method != "GET" || head.http_1_0 || !head.has_token("connection", "upgrade")) {
    return refuse("A WebSocket begins with GET, HTTP/1.1 and Connection: Upgrade.");
  }
  if (count(head, "sec-websocket-version") != 1 || head.field("sec-websocket-version") != "13") {
    return std::unexpected(HttpFault{
        .status = 426, .code = "upgrade_required", .detail = "Use WebSocket version 13."});
  }
  if (count(head, "sec-websocket-key") != 1 || !is_key(*head.field("sec-websocket-key"))) {
    return refuse("Sec-WebSocket-Key must be 16 bytes in base64.");
  }
  if (head.field("origin") && !is_allowed_origin(head, origins) &&
      !(own_pages && is_own_origin(head))) {
    return std::unexpected(HttpFault{
        .status = 403, .code = "permission_denied", .detail = "This Origin is not on the list."});
  }
  if (has_token_in_query(request)) {
    return refuse("A token must not stand in a URL: it would end up in logs.");
  }
  const bool offers = head.field("sec-websocket-protocol").has_value();
  if (offers && !offers_subprotocol(head)) return refuse("The subprotocol here is msg.v1.json.");
  if (!has_good_extensions(head)) return refuse("Sec-WebSocket-Extensions is malformed.");
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  answer += ws_accept_value(*head.field("sec-websocket-key")) + "\r\n";
  if (offers) answer.append("Sec-WebSocket-Protocol: ").append(kWsSubprotocol).append("\r\n");
  return answer.append("X-Request-Id: ").append(request.request_id).append("\r\n\r\n");
}

}  // namespace msgd
