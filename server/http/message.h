// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace msgd {

/// One HTTP request that passed the guard, free of any network library. Header names are in lower
/// case; path and query are percent-decoded after splitting.
struct Request {
  std::string method;  ///< "GET"
  std::string target;  ///< As sent.
  std::string path;    ///< "/api/v1/users/17", decoded.
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  ///< Address of the other end, without port.
  bool peer_is_loopback{false};
  std::string request_id;  ///< Taken over or made.

  /// First header of that lower-case name.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
  int status{200};
  std::string body;
  std::string content_type{"application/json"};
  std::vector<std::pair<std::string, std::string>> headers;
  bool authenticated{false};  ///< Whoever asked showed a good token.
};

/// Answers one request, exactly once, from any thread, now or later.
using Responder = std::function<void(Response)>;

/// Everything above the network: called on an I/O thread, must not block it.
using RequestHandler = std::function<void(Request, Responder)>;

}  // namespace msgd
