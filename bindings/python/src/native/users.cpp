// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "bind.h"
#include "msg/external_ids.h"

namespace pymsg {
namespace {

using msg::Messenger;
using msg::UserId;

py::object register_user(Store& store, Text phone, MaybeText username, Text display_name,
                         Text about, Text avatar) {
  const msg::NewUser user{.phone = phone,
                          .username = kept(username),
                          .display_name = display_name,
                          .about = about,
                          .avatar = avatar};
  return store.call([&](Messenger& m) { return m.register_user(user); });
}

py::object update_user(Store& store, UserId actor, MaybeText phone, MaybeText username,
                       MaybeText display_name, MaybeText about, MaybeText avatar,
                       std::optional<bool> read_receipts,
                       std::optional<msg::Audience> presence_to) {
  const msg::UserPatch patch{.phone = kept(phone),
                             .username = kept(username),
                             .display_name = kept(display_name),
                             .about = kept(about),
                             .avatar = kept(avatar),
                             .read_receipts = read_receipts,
                             .presence_to = presence_to};
  return store.call([&](Messenger& m) { return m.update_user(actor, patch); });
}

py::object note_last_seen(Store& store, const std::vector<std::pair<UserId, msg::Time>>& seen) {
  std::vector<msg::LastSeen> moments;
  moments.reserve(seen.size());
  for (const auto& [user, at] : seen) moments.push_back({.user = user, .at = at});
  return store.call([&](Messenger& m) { return m.note_last_seen(moments); });
}

py::tuple sign_in_external(Store& store, Text issuer, Text subject, MaybeText display_name,
                           MaybeText phone, Text device_name) {
  const msg::ExternalPerson person{.id = {.issuer = issuer, .subject = subject},
                                   .display_name = kept(display_name),
                                   .phone = kept(phone)};
  const std::string device = device_name;
  const auto signed_in =
      store.value([&](Messenger& m) { return msg::ExternalIds(m).sign_in(person, device); });
  return py::make_tuple(py::reinterpret_steal<py::object>(make(signed_in.session)),
                        py::reinterpret_steal<py::object>(make(signed_in.user)),
                        signed_in.is_new_user);
}

py::object load_user_by_external_id(Store& store, Text issuer, Text subject) {
  const msg::ExternalId id{.issuer = issuer, .subject = subject};
  return store.call([&](Messenger& m) { return msg::ExternalIds(m).load_user(id); });
}

py::tuple list_external_ids(Store& store, UserId user) {
  const auto ids = store.value([&](Messenger& m) { return msg::ExternalIds(m).list_ids(user); });
  py::tuple pairs(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    pairs[i] = py::make_tuple(ids[i].issuer, ids[i].subject);
  }
  return pairs;
}

}  // namespace

void bind_users(StoreClass& store) {
  store.def("register_user", register_user)
      .def("load_user",
           [](Store& s, UserId user) {
             return s.call([=](Messenger& m) { return m.load_user(user); });
           })
      .def("load_user_by_phone",
           [](Store& s, Text phone) {
             return s.call([=](Messenger& m) { return m.load_user_by_phone(phone); });
           })
      .def("load_user_by_username",
           [](Store& s, Text username) {
             return s.call([=](Messenger& m) { return m.load_user_by_username(username); });
           })
      .def("update_user", update_user)
      .def("list_users",
           [](Store& s, int limit, Text cursor) {
             const msg::PageRequest request{.limit = limit, .cursor = cursor};
             return s.call([&](Messenger& m) { return m.list_users(request); });
           })
      .def("note_last_seen", note_last_seen)
      .def("sign_in_external", sign_in_external)
      .def("load_user_by_external_id", load_user_by_external_id)
      .def("list_external_ids", list_external_ids);
}

}  // namespace pymsg
