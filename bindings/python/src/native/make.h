// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "msg/administration.h"
#include "msg/changes.h"
#include "msg/event.h"
#include "msg/messenger.h"
#include "msg/moderation.h"
#include "msg/notifications.h"
#include "msg/presence.h"
#include "msg/sessions.h"
#include "record.h"
#include "scalars.h"

/// What the library tells, on its way to Python: the dataclasses of libmsg.types.
namespace pymsg {

// People and access, make_people.cpp
PyObject* make(const msg::User& user);
PyObject* make(const msg::PersonPresence& person);
PyObject* make(const msg::Session& session);
PyObject* make(const msg::NewSession& session);
PyObject* make(const msg::ApiKey& key);
PyObject* make(const msg::NewApiKey& key);
PyObject* make(const msg::Principal& principal);
PyObject* make(const msg::AuditEntry& entry);
PyObject* make(const msg::Block& block);
PyObject* make(msg::KeyScopes scopes);

// Messages, make_messages.cpp. What only its sender is told of a message depends on the reader.
PyObject* make(const msg::Message& message, msg::UserId reader);
PyObject* make(const msg::MessageStatus& status);
PyObject* make(const msg::RecipientStatus& status);
PyObject* make(const msg::Receipt& receipt);
PyObject* make(const msg::Reactor& reactor);
PyObject* make(const msg::Revision& revision);
PyObject* make(const msg::Notification& notification, msg::UserId reader);

// Conversations, make_conversations.cpp
PyObject* make(const msg::Conversation& conversation);
PyObject* make(const msg::Member& member);
PyObject* make(const msg::ConversationView& view, msg::UserId reader);
PyObject* make(const msg::Preferences& preferences);
PyObject* make(const msg::UnreadMark& mark);
PyObject* make(const msg::Invitation& invitation);
PyObject* make(const msg::JoinRequest& request);
PyObject* make(const msg::SyncPage& page, msg::UserId reader);

// Events, make_events.cpp
PyObject* make(const msg::Event& event, msg::UserId reader, bool with_cursor);

// Last, so that they know all of the above.

template <class T>
PyObject* make(const std::vector<T>& items);

template <class T>
PyObject* make(const std::optional<T>& maybe) {
  return maybe ? make(*maybe) : none();
}

/// A tuple of what `make_item` makes of each.
template <class T, class MakeItem>
PyObject* tuple_of(const std::vector<T>& items, MakeItem make_item) {
  auto tuple = py::reinterpret_steal<py::object>(
      checked(PyTuple_New(static_cast<Py_ssize_t>(items.size()))));
  Py_ssize_t place = 0;
  for (const auto& item : items) PyTuple_SET_ITEM(tuple.ptr(), place++, make_item(item));
  return tuple.release().ptr();
}
template <class T>
PyObject* make(const std::vector<T>& items) {
  return tuple_of(items, [](const T& item) { return make(item); });
}

/// A Page, of whose items `make_item` makes each.
PyObject* make_page(PyObject* items, const std::string& next, const std::string& prev,
                    bool has_more, bool has_prev);
template <class T, class MakeItem>
PyObject* make_page(const msg::Page<T>& page, MakeItem make_item) {
  return make_page(tuple_of(page.items, make_item), page.next, page.prev, page.has_more,
                   page.has_prev);
}
template <class T>
PyObject* make(const msg::Page<T>& page) {
  return make_page(page, [](const T& item) { return make(item); });
}

// Of each file above: its Records, looked up.
void look_up_people(const py::module_& types);
void look_up_messages(const py::module_& types);
void look_up_conversations(const py::module_& types);
void look_up_events(const py::module_& types);

}  // namespace pymsg
