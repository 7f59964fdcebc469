// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "bind.h"

namespace pymsg {
namespace {

using msg::ConversationId;
using msg::Messenger;
using msg::UserId;

py::object create_group(Store& store, UserId actor, Text title, std::vector<UserId> users) {
  const msg::NewGroup group{.title = title, .users = std::move(users)};
  return store.call([&](Messenger& m) { return m.create_group(actor, group); });
}

py::object list_members(Store& store, UserId actor, ConversationId conversation, int limit,
                        Text cursor) {
  const msg::PageRequest request{.limit = limit, .cursor = cursor};
  return store.call([&](Messenger& m) { return m.list_members(actor, conversation, request); });
}

}  // namespace

void bind_conversations(StoreClass& store) {
  store
      .def("open_direct",
           [](Store& s, UserId actor, UserId peer) {
             return s.call([=](Messenger& m) { return m.open_direct(actor, peer); });
           })
      .def("find_direct",
           [](Store& s, UserId actor, UserId peer) {
             return s.call([=](Messenger& m) { return m.find_direct(actor, peer); });
           })
      .def("create_group", create_group)
      .def("load_conversation",
           [](Store& s, UserId actor, ConversationId conversation) {
             return s.call([=](Messenger& m) { return m.load_conversation(actor, conversation); },
                           actor);
           })
      .def("list_conversations",
           [](Store& s, UserId actor, int limit, Text cursor) {
             const msg::PageRequest request{.limit = limit, .cursor = cursor};
             return s.page([&](Messenger& m) { return m.list_conversations(actor, request); },
                           actor);
           })
      .def(
          "rename_group",
          [](Store& s, UserId actor, ConversationId conversation, Text title) {
            return s.call([=](Messenger& m) { return m.rename_group(actor, conversation, title); });
          })
      .def("add_member",
           [](Store& s, UserId actor, ConversationId conversation, UserId user, msg::Role role) {
             return s.call(
                 [=](Messenger& m) { return m.add_member(actor, conversation, user, role); });
           })
      .def(
          "remove_member",
          [](Store& s, UserId actor, ConversationId conversation, UserId user) {
            return s.call([=](Messenger& m) { return m.remove_member(actor, conversation, user); });
          })
      .def("change_role",
           [](Store& s, UserId actor, ConversationId conversation, UserId user, msg::Role role) {
             return s.call(
                 [=](Messenger& m) { return m.change_role(actor, conversation, user, role); });
           })
      .def("list_members", list_members);
}

}  // namespace pymsg
