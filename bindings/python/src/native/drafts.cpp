// SPDX-License-Identifier: Apache-2.0
#include "drafts.h"

namespace pymsg {
namespace {

Record draft_record("Draft", {"sender", "conversation", "content", "kind", "reply_to", "timestamp",
                              "client_id", "mentions"});

template <class T>
T field(py::handle draft, std::size_t index) {
  auto* const slot = *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(draft.ptr()) +
                                                   draft_record.offsets()[index]);
  if (slot == nullptr) throw py::type_error("a Draft that was not initialised");
  return py::handle(slot).cast<T>();
}

}  // namespace

msg::Draft draft_of(py::handle draft) {
  if (!PyObject_TypeCheck(draft.ptr(), draft_record.type())) {
    throw py::type_error("send_many() takes libmsg.Drafts");
  }
  return draft_of(field<msg::UserId>(draft, 0), field<msg::ConversationId>(draft, 1),
                  field<Text>(draft, 2), field<msg::MessageKind>(draft, 3),
                  field<std::optional<msg::Seq>>(draft, 4),
                  field<std::optional<msg::Time>>(draft, 5), field<Text>(draft, 6),
                  field<std::vector<msg::UserId>>(draft, 7));
}

void look_up_drafts(const py::module_& drafts) {
  draft_record.look_up(drafts);
}

}  // namespace pymsg
