// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "bind.h"
#include "drafts.h"

namespace pymsg {
namespace {

using msg::ConversationId;
using msg::MessageId;
using msg::Messenger;
using msg::UserId;

py::object send(Store& store, UserId sender, ConversationId conversation, Text content,
                msg::MessageKind kind, std::optional<msg::Seq> reply_to,
                std::optional<msg::Time> timestamp, Text client_id, std::vector<UserId> mentions) {
  const msg::Draft draft = draft_of(sender, conversation, content, kind, reply_to, timestamp,
                                    client_id, std::move(mentions));
  return store.call([&](Messenger& m) { return m.send(draft); }, sender);
}

/// A message or an exception for each, in their order.
py::object send_many(Store& store, const py::iterable& drafts) {
  std::vector<msg::Draft> all;
  for (const py::handle draft : drafts) all.push_back(draft_of(draft));
  const auto sent = store.run([&](Messenger& m) { return m.send_many(all); });
  auto outcomes =
      py::reinterpret_steal<py::list>(checked(PyList_New(static_cast<Py_ssize_t>(sent.size()))));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    PyList_SET_ITEM(outcomes.ptr(), static_cast<Py_ssize_t>(i),
                    sent[i] ? make(*sent[i], all[i].sender) : make(sent[i].error()));
  }
  return outcomes;
}

py::object forward(Store& store, UserId sender, MessageId message, ConversationId conversation,
                   Text client_id) {
  const msg::ForwardDraft draft{
      .message = message, .sender = sender, .conversation = conversation, .client_id = client_id};
  return store.call([&](Messenger& m) { return m.forward(draft); }, sender);
}

/// What is done to one message by an actor, and gives it back.
template <auto Method>
py::object change(Store& store, UserId actor, MessageId message) {
  return store.call([&](Messenger& m) { return (m.*Method)(actor, message); }, actor);
}

template <auto Method>
py::object change_reaction(Store& store, UserId actor, MessageId message, Text emoji) {
  const msg::Reaction reaction{.message = message, .emoji = emoji};
  return store.call([&](Messenger& m) { return (m.*Method)(actor, reaction); }, actor);
}

}  // namespace

void bind_messages(StoreClass& store) {
  store.def("send", send)
      .def("check_draft",
           [](Store& s, const py::object& draft) {
             const msg::Draft checked = draft_of(draft);
             return s.call([&](Messenger& m) { return m.check_draft(checked); });
           })
      .def("send_many", send_many)
      .def("forward", forward)
      .def("load_origin", change<&Messenger::load_origin>)
      .def("edit",
           [](Store& s, UserId actor, MessageId message, Text content) {
             const msg::Edit edit{.message = message, .content = content};
             return s.call([&](Messenger& m) { return m.edit(actor, edit); }, actor);
           })
      .def("delete_for_everyone", change<&Messenger::delete_for_everyone>)
      .def("delete_for_me", change<&Messenger::delete_for_me>)
      .def("pin", change<&Messenger::pin>)
      .def("unpin", change<&Messenger::unpin>)
      .def("load_message", change<&Messenger::load_message>)
      .def("react", change_reaction<&Messenger::react>)
      .def("remove_reaction", change_reaction<&Messenger::remove_reaction>);
}

}  // namespace pymsg
