// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "msgctl/endpoint.h"
#include "msgctl/failure.h"

namespace msgctl {

struct HttpRequest {
  std::string_view method;
  std::string target;   ///< Escaped path and query, the endpoint's prefix included.
  std::string bearer;   ///< Token for the Authorization header; empty: none.
  std::string user_id;  ///< The user that a key acts as; empty: none.
  std::string body;     ///< JSON; empty: none.
};

struct HttpReply {
  int status{};
  std::string body;
};

/// One request and its answer over a connection of their own. Blocks, at most for `timeout`.
/// unreachable: no connection, no answer in time, or an answer that is not HTTP.
Outcome<HttpReply> http_exchange(const Endpoint& endpoint, const HttpRequest& request,
                                 std::chrono::milliseconds timeout);

}  // namespace msgctl
