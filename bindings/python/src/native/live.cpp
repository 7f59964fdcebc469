// SPDX-License-Identifier: Apache-2.0
#include "bind.h"
#include "drafts.h"
#include "event_queue.h"
#include "waker.h"

namespace pymsg {
namespace {

using msg::ConversationId;
using msg::UserId;
using SharedWaker = std::shared_ptr<Waker>;

void send_async(Store& store, const SharedWaker& waker, std::int64_t token, UserId sender,
                ConversationId conversation, Text content, msg::MessageKind kind,
                std::optional<msg::Seq> reply_to, std::optional<msg::Time> timestamp,
                Text client_id, std::vector<UserId> mentions) {
  msg::Draft draft = draft_of(sender, conversation, content, kind, reply_to, timestamp, client_id,
                              std::move(mentions));
  store.run([&](msg::Messenger& m) {
    m.send_async(std::move(draft), [waker, token, sender](msg::Result<msg::Message> outcome) {
      waker->post(token, Waker::Sent{std::move(outcome), sender});
    });
  });
}

void mark_async(Store& store, const SharedWaker& waker, std::int64_t token, UserId actor,
                ConversationId conversation, msg::Seq up_to, msg::MessageState state) {
  const msg::ReceiptMark given{.conversation = conversation, .state = state, .up_to = up_to};
  store.run([&](msg::Messenger& m) {
    m.mark_async(actor, given, [waker, token](msg::Result<msg::Member> outcome) {
      waker->post(token, std::move(outcome));
    });
  });
}

}  // namespace

void bind_live(py::module_& module, StoreClass& store) {
  py::class_<Waker, SharedWaker>(module, "Waker")
      .def(py::init<>())
      .def("fileno", &Waker::fd)
      .def("drain", &Waker::drain);
  py::class_<EventQueue>(module, "EventQueue")
      .def(py::init<std::shared_ptr<Store>, UserId, std::size_t, SharedWaker, std::int64_t>())
      .def("go_live", [](EventQueue& queue, Text cursor) { return queue.go_live(cursor); })
      .def("take", &EventQueue::take)
      .def_property_readonly("behind", &EventQueue::is_behind)
      .def("close", &EventQueue::end);
  store.def("send_async", send_async).def("mark_async", mark_async);
}

}  // namespace pymsg
