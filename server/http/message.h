// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/ip_address.h"

namespace msgd {

class WsEndpoint;
class WsTransport;

/// Makes the endpoint of an answer that does not end; on the connection's I/O thread.
using StreamFactory = std::function<std::unique_ptr<WsEndpoint>(std::shared_ptr<WsTransport>)>;

/// One HTTP request that passed the guard, free of any network library. Header names are in lower
/// case; path and query are percent-decoded after splitting.
struct Request {
  std::string method;  ///< "GET"
  std::string target;  ///< As sent.
  std::string path;    ///< "/api/v1/users/17", decoded.
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  IpAddress peer;          ///< Of the client; behind a trusted proxy not that of the proxy.
  std::string request_id;  ///< Taken over or made.
  /// To be called when the answer is going to wait for something to happen: from then on the
  /// request does not count as one that is worked on. Any thread, at most once.
  std::function<void()> park;

  /// First header of that lower-case name.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
  int status{200};
  std::string body;
  std::string content_type{"application/json"};
  std::vector<std::pair<std::string, std::string>> headers;
  bool authenticated{false};  ///< Whoever asked showed a good token.
  StreamFactory stream{};     ///< Instead of a body: events, until one side ends the connection.
  std::chrono::nanoseconds waited{};  ///< Spent on waiting, not on work.
};

/// Answers one request, exactly once, from any thread, now or later.
using Responder = std::function<void(Response)>;

/// Everything above the network: called on an I/O thread, must not block it.
using RequestHandler = std::function<void(Request, Responder)>;

}  // namespace msgd
