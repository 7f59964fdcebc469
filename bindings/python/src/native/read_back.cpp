// SPDX-License-Identifier: Apache-2.0
#include "read_back.h"

namespace pymsg {
namespace {

template <class T>
T field(const py::handle& object, const char* name) {
  return object.attr(name).cast<T>();
}

}  // namespace

msg::Session session_of(const py::handle& session) {
  return {.id = field<msg::SessionId>(session, "id"),
          .user = field<msg::UserId>(session, "user"),
          .device_name = field<std::string>(session, "device_name"),
          .created_at = field<msg::Time>(session, "created_at"),
          .last_seen_at = field<msg::Time>(session, "last_seen_at")};
}

msg::ApiKey api_key_of(const py::handle& key) {
  msg::ApiKey read{.id = field<msg::ApiKeyId>(key, "id"),
                   .name = field<std::string>(key, "name"),
                   .created_at = field<msg::Time>(key, "created_at"),
                   .scopes = {}};
  for (const py::handle scope : key.attr("scopes")) read.scopes.add(scope.cast<msg::KeyScope>());
  return read;
}

msg::Principal principal_of(const py::handle& principal) {
  msg::Principal read;
  if (const py::object session = principal.attr("session"); !session.is_none()) {
    read.session = session_of(session);
  }
  if (const py::object key = principal.attr("key"); !key.is_none()) read.key = api_key_of(key);
  return read;
}

std::optional<msg::KeyScopes> scopes_of(const std::optional<std::vector<msg::KeyScope>>& scopes) {
  if (!scopes) return std::nullopt;
  msg::KeyScopes set;
  for (const msg::KeyScope scope : *scopes) set.add(scope);
  return set;
}

}  // namespace pymsg
