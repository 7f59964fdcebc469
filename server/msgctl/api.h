// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "msgctl/endpoint.h"
#include "msgctl/failure.h"

namespace msgctl {

/// What a request shows of itself: a session's token, or a key and the user it acts as.
struct Access {
  std::string bearer;
  std::string user_id;  ///< Empty for sessions, and for keys that act for nobody.
};

using Query = std::vector<std::pair<std::string_view, std::string>>;

/// The HTTP interface of one server, as one caller. Each call is one blocking request.
///
/// All fail with unreachable, or with the code and sentence of the server's problem body.
/// Thread safety: all calls from any thread; nothing is shared between them.
class Api {
 public:
  Api(Endpoint endpoint, Access access, std::chrono::milliseconds timeout)
      : endpoint_(std::move(endpoint)), access_(std::move(access)), timeout_(timeout) {}

  /// `path` begins behind /api/v1, its variable parts escaped. An answer without a body is an
  /// empty object. Parameters that are empty are left out.
  Outcome<boost::json::object> get(std::string_view path, const Query& query = {}) const;
  Outcome<boost::json::object> post(std::string_view path, const boost::json::object& body) const;
  Outcome<boost::json::object> put(std::string_view path) const;
  Outcome<boost::json::object> patch(std::string_view path, const boost::json::object& body) const;
  Outcome<boost::json::object> remove(std::string_view path) const;

  /// A path outside of /api/v1, without credentials.
  Outcome<boost::json::object> get_plain(std::string_view path) const;

  /// The same server as somebody else, or with another deadline.
  Api as(Access access) const { return {endpoint_, std::move(access), timeout_}; }
  Api within(std::chrono::milliseconds timeout) const { return {endpoint_, access_, timeout}; }

  const Endpoint& endpoint() const { return endpoint_; }
  const Access& access() const { return access_; }
  std::chrono::milliseconds timeout() const { return timeout_; }

 private:
  Outcome<boost::json::object> exchange(std::string_view method, std::string target,
                                        std::string body, const Access& access) const;

  Endpoint endpoint_;
  Access access_;
  std::chrono::milliseconds timeout_;
};

}  // namespace msgctl
