// SPDX-License-Identifier: Apache-2.0
#include "bind.h"

namespace pymsg {
namespace {

using msg::ConversationId;
using msg::MessageId;
using msg::Messenger;
using msg::Seq;
using msg::UserId;

std::optional<msg::Time> not_before(const py::object& datetime) {
  return datetime.is_none() ? std::nullopt : std::optional(time_not_before(datetime));
}

py::object history(Store& store, UserId actor, ConversationId conversation, int limit, Text cursor,
                   msg::Order order, std::optional<Seq> before, std::optional<Seq> after,
                   std::optional<Seq> around, const py::object& from, const py::object& to) {
  const msg::HistoryRequest request{.conversation = conversation,
                                    .limit = limit,
                                    .cursor = cursor,
                                    .order = order,
                                    .before = before,
                                    .after = after,
                                    .around = around,
                                    .from = not_before(from),
                                    .to = not_before(to)};
  return store.page([&](Messenger& m) { return m.history(actor, request); }, actor);
}

/// A list by an actor of something about one message.
template <auto Method>
py::object list_of_message(Store& store, UserId actor, MessageId message, int limit, Text cursor) {
  const msg::PageRequest request{.limit = limit, .cursor = cursor};
  return store.call([&](Messenger& m) { return (m.*Method)(actor, message, request); });
}

py::object list_receipts(Store& store, UserId actor, MessageId message, msg::MessageState state,
                         int limit, Text cursor) {
  const msg::ReceiptsRequest request{
      .message = message, .state = state, .limit = limit, .cursor = cursor};
  return store.call([&](Messenger& m) { return m.list_receipts(actor, request); });
}

py::object list_pins(Store& store, UserId actor, ConversationId conversation) {
  const auto pins = store.value([&](Messenger& m) { return m.list_pins(actor, conversation); });
  return py::reinterpret_steal<py::object>(
      tuple_of(pins, [actor](const msg::Message& pin) { return make(pin, actor); }));
}

py::object mark(Store& store, UserId actor, ConversationId conversation, Seq up_to,
                msg::MessageState state) {
  const msg::ReceiptMark given{.conversation = conversation, .state = state, .up_to = up_to};
  return store.call([&](Messenger& m) { return m.mark(actor, given); });
}

py::object prefer(Store& store, UserId actor, ConversationId conversation,
                  std::optional<bool> pinned, std::optional<bool> archived,
                  const py::object& muted_until) {
  msg::PreferencesPatch patch{.pinned = pinned, .archived = archived, .muted_until = {}};
  if (!muted_until.is_none()) patch.muted_until = time_of(muted_until);
  return store.call([&](Messenger& m) { return m.prefer(actor, conversation, patch); });
}

}  // namespace

void bind_reads(StoreClass& store) {
  store.def("history", history)
      .def("list_revisions",
           [](Store& s, UserId actor, MessageId message) {
             return s.call([=](Messenger& m) { return m.list_revisions(actor, message); });
           })
      .def("list_reactions", list_of_message<&Messenger::list_reactions>)
      .def("list_recipients", list_of_message<&Messenger::list_recipients>)
      .def("list_receipts", list_receipts)
      .def("list_pins", list_pins)
      .def("mark", mark)
      .def("prefer", prefer)
      .def("mark_all_read",
           [](Store& s, UserId actor) {
             return s.call([=](Messenger& m) { return m.mark_all_read(actor); });
           })
      .def("mark_unread",
           [](Store& s, UserId actor, ConversationId conversation, Seq from) {
             return s.call([=](Messenger& m) { return m.mark_unread(actor, conversation, from); });
           })
      .def("message_status",
           [](Store& s, UserId actor, MessageId message) {
             return s.call([=](Messenger& m) { return m.message_status(actor, message); });
           })
      .def("typing",
           [](Store& s, UserId actor, ConversationId conversation, msg::Activity activity) {
             return s.call([=](Messenger& m) { return m.typing(actor, conversation, activity); });
           })
      .def("sync",
           [](Store& s, UserId actor, Text cursor, int limit) {
             const msg::SyncRequest request{.limit = limit, .cursor = cursor};
             return s.call([&](Messenger& m) { return m.sync(actor, request); }, actor);
           })
      .def("sync_position",
           [](Store& s) { return s.call([](Messenger& m) { return m.sync_position(); }); });
}

}  // namespace pymsg
