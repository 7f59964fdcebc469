// SPDX-License-Identifier: Apache-2.0
#include "routes/call.h"

#include <algorithm>
#include <array>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace msgd {
namespace {

/// Parameters that say where a page begins: a cursor says it instead.
constexpr std::array<std::string_view, 4> kPlaces{"cursor", "before", "after", "around"};

constexpr auto kPlain = boost::urls::unreserved_chars + boost::urls::grammar::lut_chars('/');

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode(text, kPlain);
}

std::string link(const Request& request, std::string_view cursor, std::string_view rel) {
  std::string out{"<"};
  out += percent_encoded(request.path);
  out += '?';
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(kPlaces, name) != kPlaces.end()) continue;
    out += percent_encoded(name);
    out += '=';
    out += percent_encoded(value);
    out += '&';
  }
  out += "cursor=";
  out += percent_encoded(cursor);
  out += ">; rel=\"";
  out += rel;
  out += '"';
  return out;
}

}  // namespace

Outcome<msg::MessageId> Call::path_message(std::size_t index) const {
  const auto id = msg::parse_message_id(params.at(index));
  if (!id) return std::unexpected(not_found());
  return *id;
}

Outcome<boost::json::object> Call::body() const {
  if (request.body.empty()) return boost::json::object{};
  return parse_object(request.body);
}

template <class Ask>
Outcome<msg::UserId> Call::named_user(std::optional<msg::UserId> named, std::string_view pointer,
                                      Ask ask) const {
  if (const auto header = request.header("x-user-id")) {
    const auto id = parse_id<msg::UserId>(*header);
    if (!id) return std::unexpected(invalid("X-User-Id", "Must be an id: decimal digits."));
    if (named && *named != *id) {
      return std::unexpected(invalid(std::string{pointer}, "Differs from the header X-User-Id."));
    }
    named = id;
  } else if (!named && is_key()) {
    return std::unexpected(invalid(std::string{pointer.empty() ? "X-User-Id" : pointer},
                                   "A key must name the user to act as."));
  }
  auto user = ask(named);
  if (user) return *user;
  Problem problem{std::move(user).error()};
  // In the words of whoever named the user.
  if (!problem.field.empty() && named && !pointer.empty()) {
    problem.errors.push_back({std::string{pointer}, problem.detail});
    problem.field.clear();
  }
  return std::unexpected(std::move(problem));
}

Outcome<msg::UserId> Call::actor(std::optional<msg::UserId> named, std::string_view pointer) const {
  return named_user(named, pointer, [this](std::optional<msg::UserId> user) {
    return messenger().act_as(principal, user);
  });
}

Outcome<msg::UserId> Call::subject(std::optional<msg::UserId> named,
                                   std::string_view pointer) const {
  if (!is_admin()) return actor(named, pointer);
  return named_user(named, pointer,
                    [this](std::optional<msg::UserId> user) -> msg::Result<msg::UserId> {
                      MSG_TRY(const auto found, messenger().load_user(*user));
                      return found.id;
                    });
}

Response no_content() {
  Response response;
  response.status = 204;
  response.content_type.clear();
  return response;
}

void add_links(Response& response, const Request& request, std::string_view next,
               std::string_view prev) {
  std::string links;
  if (!next.empty()) links = link(request, next, "next");
  if (!prev.empty()) links += (links.empty() ? "" : ", ") + link(request, prev, "prev");
  if (!links.empty()) response.headers.emplace_back("Link", std::move(links));
}

}  // namespace msgd
