// SPDX-License-Identifier: Apache-2.0
#include "bind.h"
#include "msg/sessions.h"
#include "read_back.h"

namespace pymsg {
namespace {

using msg::Messenger;
using msg::SessionId;
using msg::UserId;

void bind_sessions(StoreClass& store) {
  store
      .def("create_session",
           [](Store& s, UserId user, Text device_name) {
             return s.call([=](Messenger& m) { return m.create_session(user, device_name); });
           })
      .def("list_sessions",
           [](Store& s, UserId actor) {
             return s.call([=](Messenger& m) { return m.list_sessions(actor); });
           })
      .def("revoke_session",
           [](Store& s, UserId actor, SessionId session) {
             return s.call([=](Messenger& m) { return m.revoke_session(actor, session); });
           })
      .def("rename_session",
           [](Store& s, UserId actor, SessionId session, Text device_name) {
             return s.call([=](Messenger& m) {
               return msg::Sessions(m).rename(actor, session, device_name);
             });
           })
      .def("revoke_other_sessions",
           [](Store& s, const py::object& own) {
             const auto session = session_of(own);
             return s.call([&](Messenger& m) { return msg::Sessions(m).revoke_others(session); });
           })
      .def("is_too_old",
           [](Store& s, const py::object& own) {
             const auto session = session_of(own);
             return s.run([&](Messenger& m) { return msg::Sessions(m).is_too_old(session); });
           })
      .def("refresh", [](Store& s, const py::object& principal) {
        const auto known = principal_of(principal);
        return s.call([&](Messenger& m) { return msg::Sessions(m).refresh(known); });
      });
}

void bind_tickets(StoreClass& store) {
  store
      .def("create_ticket",
           [](Store& s, const py::object& own) {
             const auto session = session_of(own);
             const auto made =
                 s.value([&](Messenger& m) { return msg::Sessions(m).create_ticket(session); });
             return py::make_tuple(made.ticket,
                                   py::reinterpret_steal<py::object>(make(made.expires_at)));
           })
      .def("redeem_ticket", [](Store& s, Text ticket) {
        return s.call([=](Messenger& m) { return msg::Sessions(m).redeem_ticket(ticket); });
      });
}

}  // namespace

void bind_access(StoreClass& store) {
  bind_sessions(store);
  bind_tickets(store);
  store
      .def("create_api_key",
           [](Store& s, Text name, const std::optional<std::vector<msg::KeyScope>>& scopes) {
             const auto all = scopes_of(scopes).value_or(msg::KeyScopes::all());
             return s.call([=](Messenger& m) { return m.create_api_key(name, all); });
           })
      .def("list_api_keys",
           [](Store& s) { return s.call([](Messenger& m) { return m.list_api_keys(); }); })
      .def("revoke_api_key",
           [](Store& s, msg::ApiKeyId key) {
             return s.call([=](Messenger& m) { return m.revoke_api_key(key); });
           })
      .def("authenticate",
           [](Store& s, Text token) {
             return s.call([=](Messenger& m) { return m.authenticate(token); });
           })
      .def("act_as",
           [](Store& s, const py::object& principal, std::optional<UserId> user) {
             const auto known = principal_of(principal);
             return s.call([&](Messenger& m) { return m.act_as(known, user); });
           })
      .def("check", [](Store& s) { return s.call([](Messenger& m) { return m.check(); }); });
}

}  // namespace pymsg
