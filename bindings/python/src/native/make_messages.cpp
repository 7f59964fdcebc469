// SPDX-License-Identifier: Apache-2.0
#include "make.h"

namespace pymsg {
namespace {

Record message_record("Message",
                      {"id",        "sender",        "kind",      "content",  "created_at",
                       "version",   "reply_to",      "timestamp", "mentions", "forward",
                       "client_id", "changed",       "edited_at", "deleted",  "hidden",
                       "reactions", "own_reactions", "pin",       "quote",    "state"});
Record reaction_record("ReactionCount", {"emoji", "count"});
Record pin_record("Pin", {"by", "at"});
Record forward_record("Forward", {"hops", "origin"});
Record quote_record("Quote", {"sender", "kind", "excerpt", "deleted"});
Record status_record("MessageStatus",
                     {"id", "state", "recipient_count", "delivered_count", "read_count"});
Record recipient_record("RecipientStatus", {"user", "state", "delivered_at", "read_at"});
Record receipt_record("Receipt", {"user", "at"});
Record member_reaction_record("MemberReaction", {"emoji", "at"});
Record reactor_record("Reactor", {"user", "reactions"});
Record revision_record("Revision", {"by", "at", "version", "deletion", "content"});
Record notification_record("Notification", {"id", "kind", "at", "conversation", "count",
                                            "last_message", "news", "by", "role", "text"});

PyObject* make_reaction_count(const msg::ReactionCount& reaction) {
  return Maker(reaction_record)(make(reaction.emoji))(make(reaction.count)).done();
}

PyObject* make_forward(const msg::Message& message, bool is_own) {
  if (!message.forward) return none();
  return Maker(forward_record)(make(message.forward->hops))(is_own ? make(message.forward->origin)
                                                                   : none())
      .done();
}

PyObject* make_pin(const msg::Message& message) {
  if (!message.pin) return none();
  return Maker(pin_record)(make(message.pin->by))(make(message.pin->at)).done();
}

PyObject* make_quote(const msg::Message& message) {
  if (!message.quote) return none();
  const msg::Quote& quote = *message.quote;
  return Maker(quote_record)(make(quote.sender))(make(quote.kind))(make(quote.excerpt))(
             make(quote.deleted))
      .done();
}

}  // namespace

PyObject* make(const msg::Message& message, msg::UserId reader) {
  const bool is_own = message.sender == reader;
  Maker made(message_record);
  made(make(message.id))(make(message.sender))(make(message.kind))(make(message.content));
  made(make(message.created_at))(make(message.version))(make(message.reply_to));
  made(make(message.timestamp))(make(message.mentions))(make_forward(message, is_own));
  made(make(is_own ? std::string_view(message.client_id) : std::string_view{}));
  made(make(message.changed))(make(message.edited_at))(make(message.deleted));
  made(make(message.hidden))(tuple_of(message.reactions, make_reaction_count));
  made(make(message.own_reactions))(make_pin(message))(make_quote(message));
  return made(make(message.state)).done();
}

PyObject* make(const msg::MessageStatus& status) {
  return Maker(status_record)(make(status.id))(make(status.state))(make(status.recipient_count))(
             make(status.delivered_count))(make(status.read_count))
      .done();
}

PyObject* make(const msg::RecipientStatus& status) {
  return Maker(recipient_record)(make(status.user))(make(status.state))(make(status.delivered_at))(
             make(status.read_at))
      .done();
}

PyObject* make(const msg::Receipt& receipt) {
  return Maker(receipt_record)(make(receipt.user))(make(receipt.at)).done();
}

PyObject* make(const msg::Reactor& reactor) {
  const auto one = [](const msg::MemberReaction& reaction) {
    return Maker(member_reaction_record)(make(reaction.emoji))(make(reaction.at)).done();
  };
  return Maker(reactor_record)(make(reactor.user))(tuple_of(reactor.reactions, one)).done();
}

PyObject* make(const msg::Revision& revision) {
  return Maker(revision_record)(make(revision.by))(make(revision.at))(make(revision.version))(
             make(revision.deletion))(make(revision.content))
      .done();
}

PyObject* make(const msg::Notification& told, msg::UserId reader) {
  const bool of_messages =
      told.kind == msg::NotificationKind::message || told.kind == msg::NotificationKind::mention;
  const bool of_group = told.kind == msg::NotificationKind::group;
  Maker made(notification_record);
  made(make(told.id))(make(told.kind))(make(told.at))(make(told.conversation));
  made(of_messages ? make(told.count) : none());
  made(told.last_message ? make(*told.last_message, reader) : none());
  made(of_group ? make(told.news) : none())(of_group ? make(told.by) : none());
  made(of_group ? make(told.role) : none());
  return made(told.kind == msg::NotificationKind::alert ? make(told.text) : none()).done();
}

void look_up_messages(const py::module_& types) {
  for (Record* record :
       {&message_record, &reaction_record, &pin_record, &forward_record, &quote_record,
        &status_record, &recipient_record, &receipt_record, &member_reaction_record,
        &reactor_record, &revision_record, &notification_record}) {
    record->look_up(types);
  }
}

}  // namespace pymsg
