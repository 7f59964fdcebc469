// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "net/http_head.h"

namespace msgd {

inline constexpr std::string_view kWsSubprotocol = "msg.v1.json";

/// Whether WebSocket sessions are offered at that path.
bool is_ws_path(std::string_view path);

/// Whether the request asks for a WebSocket, well or badly.
bool wants_websocket(const HttpHead& head);

/// Checks an upgrade request (RFC 6455 §4.2.1, docs/websocket-api.md): GET on HTTP/1.1,
/// `Connection`, version 13 (else 426), a key of 16 bytes, the subprotocol among
/// those offered if any are, extensions that are well-formed, no token in the query (400), and an
/// `Origin` that is absent, on the list, or with `own_pages` that of a page of this server (else
/// 403). Returns the bytes of the 101 answer.
std::expected<std::string, HttpFault> accept_websocket(const HttpHead& head, const Request& request,
                                                       const std::vector<std::string>& origins,
                                                       bool own_pages = false);

/// Sec-WebSocket-Accept for a key.
std::string ws_accept_value(std::string_view key);

}  // namespace msgd
