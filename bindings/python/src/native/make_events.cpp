// SPDX-License-Identifier: Apache-2.0
#include "make.h"

namespace pymsg {
namespace {

Record message_event_record("MessageEvent", {"conversation", "cursor", "message"});
Record change_event_record("MessageChangeEvent", {"conversation", "cursor", "message", "reaction"});
Record reaction_change_record("ReactionChange", {"user", "emoji", "removed"});
Record member_event_record("MemberEvent", {"conversation", "cursor", "member"});
Record receipt_event_record("ReceiptEvent", {"conversation", "cursor", "member"});
Record conversation_event_record("ConversationEvent", {"conversation", "cursor", "changed"});
Record hide_event_record("HideEvent", {"conversation", "cursor", "message"});
Record unread_event_record("UnreadEvent", {"conversation", "cursor", "mark"});
Record preferences_event_record("PreferencesEvent", {"conversation", "cursor", "preferences"});
Record typing_event_record("TypingEvent",
                           {"conversation", "cursor", "user", "expires_in", "activity"});

PyObject* make_reaction(const std::optional<msg::ReactionChange>& change) {
  if (!change) return none();
  return Maker(reaction_change_record)(make(change->user))(make(change->emoji))(
             make(change->removed))
      .done();
}

struct BodyMaker {
  const msg::Event& event;
  msg::UserId reader;
  std::string_view cursor;

  PyObject* one(const Record& record, PyObject* body) const {
    Maker made(record);
    return made(make(event.conversation))(make(cursor))(body).done();
  }

  PyObject* operator()(const msg::MessageEvent& e) const {
    return one(message_event_record, make(e.message, reader));
  }
  PyObject* operator()(const msg::MessageChangeEvent& e) const {
    Maker made(change_event_record);
    made(make(event.conversation))(make(cursor))(make(e.message, reader));
    return made(make_reaction(e.reaction)).done();
  }
  PyObject* operator()(const msg::MemberEvent& e) const {
    return one(member_event_record, make(e.member));
  }
  PyObject* operator()(const msg::ReceiptEvent& e) const {
    return one(receipt_event_record, make(e.member));
  }
  PyObject* operator()(const msg::ConversationEvent& e) const {
    return one(conversation_event_record, make(e.conversation));
  }
  PyObject* operator()(const msg::HideEvent& e) const {
    return one(hide_event_record, make(e.message));
  }
  PyObject* operator()(const msg::UnreadEvent& e) const {
    return one(unread_event_record, make(e.mark));
  }
  PyObject* operator()(const msg::PreferencesEvent& e) const {
    return one(preferences_event_record, make(e.preferences));
  }
  PyObject* operator()(const msg::TypingEvent& e) const {
    Maker made(typing_event_record);
    made(make(event.conversation))(make(cursor))(make(e.user));
    return made(make(e.expires_in))(make(e.activity)).done();
  }
};

}  // namespace

PyObject* make(const msg::Event& event, msg::UserId reader, bool with_cursor) {
  const std::string_view cursor = with_cursor ? std::string_view(event.cursor) : "";
  return std::visit(BodyMaker{event, reader, cursor}, event.body);
}

void look_up_events(const py::module_& types) {
  for (Record* record :
       {&message_event_record, &change_event_record, &reaction_change_record, &member_event_record,
        &receipt_event_record, &conversation_event_record, &hide_event_record, &unread_event_record,
        &preferences_event_record, &typing_event_record}) {
    record->look_up(types);
  }
}

}  // namespace pymsg
