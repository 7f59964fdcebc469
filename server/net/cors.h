// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "net/http_head.h"

namespace msgd {

/// What a web page of another origin may do (Fetch standard, "CORS protocol"): all or nothing, by
/// one list. Tokens travel in a header, never in a cookie, so credentials are never allowed.

/// Whether the request names exactly one origin, and it is on the list. "null" never is: any
/// sandboxed page may send it.
bool is_allowed_origin(const HttpHead& head, const std::vector<std::string>& origins);

/// Whether pages of that origin are those of the host, by whatever scheme, since a proxy in between
/// may have ended TLS.
bool is_origin_of(std::string_view origin, std::string_view host);

/// Whether the request comes from a page of this server: its origin is the host that it asks.
bool is_own_origin(const HttpHead& head);

/// Whether a browser asks if a page may send something.
bool is_preflight(const HttpHead& head);

/// Why a preflight is refused: its origin is not on the list.
std::optional<HttpFault> check_preflight(const HttpHead& head,
                                         const std::vector<std::string>& origins);

/// Adds what a browser has to know to let the page see `response`. Of a preflight, `response` is
/// the answer to OPTIONS, whose Allow says what the path has. Adds `Vary: Origin` to all answers
/// as soon as there is a list.
void add_cors(Response& response, const HttpHead& head, const std::vector<std::string>& origins);

}  // namespace msgd
