// SPDX-License-Identifier: Apache-2.0
#include "msg/administration.h"

#include <vector>

#include "bind.h"
#include "read_back.h"

namespace pymsg {
namespace {

using msg::SessionId;
using msg::UserId;

using Call = msg::Administration&;

/// Makes a msg::Administration for each call: it is a name and a reference.
class Administrators {
 public:
  Administrators(std::shared_ptr<Store> store, msg::Administrator by)
      : store_(std::move(store)), by_(std::move(by)) {}

  template <class Work>
  py::object call(Work work) const {
    return store_->call([&](msg::Messenger& messenger) {
      msg::Administration administration(messenger, by_);
      return work(administration);
    });
  }

  py::object register_user(Text phone, MaybeText username, Text display_name, Text about,
                           Text avatar) const {
    const msg::NewUser user{.phone = phone,
                            .username = kept(username),
                            .display_name = display_name,
                            .about = about,
                            .avatar = avatar};
    return call([&](Call a) { return a.register_user(user); });
  }
  py::object update_user(UserId user, MaybeText phone, MaybeText username, MaybeText display_name,
                         MaybeText about, MaybeText avatar, std::optional<bool> read_receipts,
                         std::optional<msg::Audience> presence_to) const {
    const msg::UserPatch patch{.phone = kept(phone),
                               .username = kept(username),
                               .display_name = kept(display_name),
                               .about = kept(about),
                               .avatar = kept(avatar),
                               .read_receipts = read_receipts,
                               .presence_to = presence_to};
    return call([&](Call a) { return a.update_user(user, patch); });
  }
  py::object create_key(Text name, const std::optional<std::vector<msg::KeyScope>>& scopes) const {
    const auto set = scopes_of(scopes);
    return call([&](Call a) { return a.create_key(name, set); });
  }
  py::object alert(const std::vector<UserId>& users, Text text,
                   std::chrono::seconds lifetime) const {
    return call([&](Call a) { return a.alert(users, text, lifetime); });
  }

 private:
  std::shared_ptr<Store> store_;
  msg::Administrator by_;
};

Administrators administrators(const std::shared_ptr<Store>& store, const py::object& key,
                              Text address) {
  msg::Administrator by{.key = std::nullopt, .address = address};
  if (!key.is_none()) by.key = api_key_of(key);
  return {store, std::move(by)};
}

}  // namespace

void bind_administration(py::module_& module) {
  py::class_<Administrators>(module, "Administrators")
      .def(py::init(&administrators))
      .def("create_key", &Administrators::create_key)
      .def("revoke_key",
           [](const Administrators& by, msg::ApiKeyId key) {
             return by.call([=](Call a) { return a.revoke_key(key); });
           })
      .def("register_user", &Administrators::register_user)
      .def("update_user", &Administrators::update_user)
      .def("create_session",
           [](const Administrators& by, UserId user, Text device_name) {
             return by.call([=](Call a) { return a.create_session(user, device_name); });
           })
      .def("rename_session",
           [](const Administrators& by, UserId user, SessionId session, Text device_name) {
             return by.call([=](Call a) { return a.rename_session(user, session, device_name); });
           })
      .def("revoke_session",
           [](const Administrators& by, UserId user, SessionId session) {
             return by.call([=](Call a) { return a.revoke_session(user, session); });
           })
      .def("alert", &Administrators::alert)
      .def("list_audit", [](const Administrators& by, int limit, Text cursor) {
        const msg::PageRequest request{.limit = limit, .cursor = cursor};
        return by.call([&](Call a) { return a.list_audit(request); });
      });
}

}  // namespace pymsg
