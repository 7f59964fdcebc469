// SPDX-License-Identifier: Apache-2.0
#include "msg/moderation.h"

#include <vector>

#include "bind.h"
#include "msg/notifications.h"

namespace pymsg {
namespace {

using msg::ConversationId;
using msg::Messenger;
using msg::Moderation;
using msg::Notifications;
using msg::UserId;
using MaybeRole = std::optional<msg::Role>;

py::object change_rules(Store& store, UserId actor, ConversationId conversation, MaybeRole send,
                        MaybeRole add, MaybeRole rename, MaybeRole pin,
                        std::optional<std::chrono::seconds> slow_mode,
                        std::optional<bool> history_for_newcomers,
                        std::optional<std::int64_t> members_max) {
  const msg::RulesPatch patch{.send = send,
                              .add = add,
                              .rename = rename,
                              .pin = pin,
                              .slow_mode = slow_mode,
                              .history_for_newcomers = history_for_newcomers,
                              .members_max = members_max};
  return store.call(
      [&](Messenger& m) { return Moderation(m).change_rules(actor, conversation, patch); });
}

py::object create_invitation(Store& store, UserId actor, ConversationId conversation,
                             std::optional<std::chrono::seconds> lifetime,
                             std::optional<std::int64_t> uses_max, bool needs_approval) {
  const msg::NewInvitation invitation{.conversation = conversation,
                                      .lifetime = lifetime,
                                      .uses_max = uses_max,
                                      .needs_approval = needs_approval};
  return store.call(
      [&](Messenger& m) { return Moderation(m).create_invitation(actor, invitation); });
}

void bind_joining(StoreClass& store) {
  store.def("create_invitation", create_invitation)
      .def("list_invitations",
           [](Store& s, UserId actor, ConversationId conversation) {
             return s.call(
                 [=](Messenger& m) { return Moderation(m).list_invitations(actor, conversation); });
           })
      .def("revoke_invitation",
           [](Store& s, UserId actor, Text token) {
             return s.call(
                 [=](Messenger& m) { return Moderation(m).revoke_invitation(actor, token); });
           })
      .def("join",
           [](Store& s, UserId actor, Text token) {
             return s.call([=](Messenger& m) { return Moderation(m).join(actor, token); });
           })
      .def("list_join_requests",
           [](Store& s, UserId actor, ConversationId conversation, int limit, Text cursor) {
             const msg::PageRequest request{.limit = limit, .cursor = cursor};
             return s.call([&](Messenger& m) {
               return Moderation(m).list_join_requests(actor, conversation, request);
             });
           })
      .def("answer_join_request",
           [](Store& s, UserId actor, ConversationId conversation, UserId user, bool let_in) {
             return s.call([=](Messenger& m) {
               return Moderation(m).answer_join_request(actor, conversation, user, let_in);
             });
           });
}

void bind_blocks(StoreClass& store) {
  store
      .def("block",
           [](Store& s, UserId actor, UserId user) {
             return s.call([=](Messenger& m) { return Moderation(m).block(actor, user); });
           })
      .def("unblock",
           [](Store& s, UserId actor, UserId user) {
             return s.call([=](Messenger& m) { return Moderation(m).unblock(actor, user); });
           })
      .def("list_blocks",
           [](Store& s, UserId actor, int limit, Text cursor) {
             const msg::PageRequest request{.limit = limit, .cursor = cursor};
             return s.call([&](Messenger& m) { return Moderation(m).list_blocks(actor, request); });
           })
      .def("accept_direct", [](Store& s, UserId actor, ConversationId conversation) {
        return s.call(
            [=](Messenger& m) { return Moderation(m).accept_direct(actor, conversation); });
      });
}

void bind_notifications(StoreClass& store) {
  store
      .def("list_notifications",
           [](Store& s, UserId actor, int limit, Text cursor) {
             const msg::PageRequest request{.limit = limit, .cursor = cursor};
             return s.page([&](Messenger& m) { return Notifications(m).list(actor, request); },
                           actor);
           })
      .def("mark_notifications_read",
           [](Store& s, UserId actor, const std::vector<std::string>& ids) {
             return s.call([&](Messenger& m) { return Notifications(m).mark_read(actor, ids); });
           })
      .def("mark_all_notifications_read", [](Store& s, UserId actor) {
        return s.call([=](Messenger& m) { return Notifications(m).mark_all_read(actor); });
      });
}

}  // namespace

void bind_moderation(StoreClass& store) {
  store.def("change_rules", change_rules);
  bind_joining(store);
  bind_blocks(store);
  bind_notifications(store);
}

}  // namespace pymsg
