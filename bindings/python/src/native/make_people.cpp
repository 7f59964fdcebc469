// SPDX-License-Identifier: Apache-2.0
#include "make.h"

namespace pymsg {
namespace {

Record user_record("User", {"id", "phone", "username", "display_name", "about", "avatar",
                            "created_at", "updated_at", "read_receipts", "presence_to"});
Record presence_record("PersonPresence", {"user", "state", "last_seen"});
Record session_record("Session", {"id", "user", "device_name", "created_at", "last_seen_at"});
Record new_session_record("NewSession", {"session", "token"});
Record api_key_record("ApiKey", {"id", "name", "scopes", "created_at"});
Record new_api_key_record("NewApiKey", {"key", "secret"});
Record principal_record("Principal", {"session", "key"});
Record audit_record("AuditEntry", {"id", "at", "act", "by", "by_name", "address", "user", "session",
                                   "key", "detail"});
Record block_record("Block", {"user", "at"});

}  // namespace

PyObject* make(const msg::User& user) {
  return Maker(user_record)(make(user.id))(make_none_if_empty(user.phone))(make(user.username))(
             make(user.display_name))(make(user.about))(make(user.avatar))(make(user.created_at))(
             make(user.updated_at))(make(user.read_receipts))(make(user.presence_to))
      .done();
}

PyObject* make(const msg::PersonPresence& person) {
  return Maker(presence_record)(make(person.user))(make(person.state))(make(person.last_seen))
      .done();
}

PyObject* make(const msg::Session& session) {
  return Maker(session_record)(make(session.id))(make(session.user))(make(session.device_name))(
             make(session.created_at))(make(session.last_seen_at))
      .done();
}

PyObject* make(const msg::NewSession& session) {
  return Maker(new_session_record)(make(session.session))(make(session.token)).done();
}

PyObject* make(msg::KeyScopes scopes) {
  auto set = py::reinterpret_steal<py::object>(checked(PyFrozenSet_New(nullptr)));
  for (const msg::KeyScope scope : msg::kKeyScopes) {
    if (!scopes.has(scope)) continue;
    const auto member = py::reinterpret_steal<py::object>(make(scope));
    if (PySet_Add(set.ptr(), member.ptr()) != 0) throw py::error_already_set();
  }
  return set.release().ptr();
}

PyObject* make(const msg::ApiKey& key) {
  return Maker(api_key_record)(make(key.id))(make(key.name))(make(key.scopes))(make(key.created_at))
      .done();
}

PyObject* make(const msg::NewApiKey& key) {
  return Maker(new_api_key_record)(make(key.key))(make(key.secret)).done();
}

PyObject* make(const msg::Principal& principal) {
  return Maker(principal_record)(make(principal.session))(make(principal.key)).done();
}

PyObject* make(const msg::AuditEntry& entry) {
  return Maker(audit_record)(make(entry.id))(make(entry.at))(make(to_string(entry.act)))(
             make(entry.by))(make_none_if_empty(entry.by_name))(make_none_if_empty(entry.address))(
             make(entry.user))(make(entry.session))(make(entry.key))(
             make_none_if_empty(entry.detail))
      .done();
}

PyObject* make(const msg::Block& block) {
  return Maker(block_record)(make(block.user))(make(block.at)).done();
}

void look_up_people(const py::module_& types) {
  for (Record* record :
       {&user_record, &presence_record, &session_record, &new_session_record, &api_key_record,
        &new_api_key_record, &principal_record, &audit_record, &block_record}) {
    record->look_up(types);
  }
}

}  // namespace pymsg
