// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/errors.h"
#include "http/json_read.h"
#include "http/json_write.h"
#include "http/message.h"
#include "msg/administration.h"
#include "msg/messenger.h"
#include "ops/services.h"

namespace msgd {

using PathParams = std::array<std::string_view, 2>;

/// Finishes one request; exactly once, from any thread.
using Answer = std::function<void(Outcome<Response>)>;

/// One request on its way through a handler. Lives until the handler returns; an asynchronous
/// handler copies what it needs later.
struct Call {
  Services& services;
  const Request& request;
  PathParams params;
  msg::Principal principal;  ///< Empty on routes that ask for no token.

  msg::Messenger& messenger() const { return services.messenger; }
  /// By this principal, which is a key.
  msg::Administration administration() const {
    return {messenger(), {.key = principal.key, .address = to_text(request.peer)}};
  }
  bool is_key() const { return principal.key.has_value(); }
  bool is_admin() const { return is_key() && principal.key->scopes.has(msg::KeyScope::admin); }

  /// The id in the path; not_found when the text is none, as for an id that does not exist.
  template <class Id>
  Outcome<Id> path_id(std::size_t index) const {
    const auto id = parse_id<Id>(params.at(index));
    if (!id) return std::unexpected(not_found());
    return *id;
  }
  Outcome<msg::MessageId> path_message(std::size_t index) const;

  /// The body as an object; no body is an empty one.
  Outcome<boost::json::object> body() const;

  /// The user this request acts as: the session's own, or for a key the one that the request
  /// names: `named` (found at `pointer`), else the header X-User-Id.
  Outcome<msg::UserId> actor(std::optional<msg::UserId> named = {},
                             std::string_view pointer = {}) const;

  /// The user this request is about: for a key with the scope admin any that exists, named in the
  /// same ways; for all others the one that they act as.
  Outcome<msg::UserId> subject(std::optional<msg::UserId> named = {},
                               std::string_view pointer = {}) const;

 private:
  template <class Ask>
  Outcome<msg::UserId> named_user(std::optional<msg::UserId> named, std::string_view pointer,
                                  Ask ask) const;
};

/// An answer with a body that `write(std::string&)` appends.
template <class Write>
Response json_response(int status, Write write) {
  Response response;
  response.status = status;
  write(response.body);
  return response;
}

Response no_content();

/// Adds a Link header (RFC 8288) with the cursors that are not empty.
void add_links(Response& response, const Request& request, std::string_view next,
               std::string_view prev);

/// A page of items, each by `write(std::string&, item)`, with the Link header.
template <class T, class Write>
Response page_response(const Request& request, const msg::Page<T>& page, Write write) {
  Response response;
  append_page(response.body, page, write);
  add_links(response, request, page.has_more ? page.next : std::string_view{},
            page.has_prev ? page.prev : std::string_view{});
  return response;
}

}  // namespace msgd
