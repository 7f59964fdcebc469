// SPDX-License-Identifier: Apache-2.0
#include "model/answer.h"

namespace msg::test {

Answer Teller::take() {
  answer_.text = text_.str();
  return std::move(answer_);
}

void Teller::tell(Version version) {
  text_ << " version";
  answer_.versions.push_back(version);
}

void Teller::tell_cursor(const std::string& cursor) {
  text_ << (cursor.empty() ? " no-cursor" : " cursor");
  answer_.cursors.push_back(cursor);
}

void Teller::tell_receipt_time(const std::optional<Time>& time) {
  text_ << (time ? " at some time" : " never");
  if (time) answer_.receipt_times.push_back({*time});
}

void Teller::tell(const Error& error) {
  text_ << " error " << to_string(error.code) << " at \"" << error.field << '"';
}

void Teller::tell(const User& user) {
  tell(user.id);
  tell(user.phone);
  tell(user.username);
  tell(user.display_name);
  tell(user.about);
  tell(user.avatar);
  tell(user.created_at);
  tell(user.updated_at);
  text_ << (user.read_receipts ? "" : " without read receipts");
}

void Teller::tell(const Conversation& conversation) {
  tell(conversation.id);
  text_ << ' ' << to_string(conversation.kind);
  tell(conversation.title);
  text_ << " of";
  for (const UserId user : conversation.direct_users) tell(user);
  text_ << " by";
  tell(conversation.created_by);
  tell(conversation.created_at);
  text_ << " last";
  tell(conversation.last_seq);
  text_ << ' ' << conversation.member_count << " members";
  tell(conversation.version);
}

void Teller::tell(const Member& member) {
  text_ << " member";
  tell(member.conversation);
  tell(member.user);
  text_ << ' ' << to_string(member.role) << (member.active ? " active" : " former") << " sees";
  tell(member.visible_from);
  text_ << " to";
  tell(member.visible_until);
  text_ << " delivered";
  tell(member.delivered);
  tell(member.delivered_at);
  text_ << " read";
  tell(member.read);
  tell(member.read_at);
  text_ << " joined";
  tell(member.joined_at);
  tell(member.version);
}

void Teller::tell(const Message& message) {
  text_ << " message";
  tell(message.id.conversation);
  tell(message.id.seq);
  tell(message.sender);
  text_ << ' ' << to_string(message.kind);
  tell(message.content);
  text_ << " reply";
  tell(message.reply_to);
  text_ << " timestamp";
  tell(message.timestamp);
  tell(message.client_id);
  tell(message.version);
  tell(message.created_at);
  text_ << " changed";
  tell(message.changed);
  text_ << " edited";
  tell(message.edited_at);
  text_ << (message.deleted ? " deleted" : "");
  for (const auto& [emoji, count] : message.reactions) text_ << ' ' << emoji << ' ' << count;
  if (message.pin) {
    text_ << " pinned";
    tell(message.pin->by);
    tell(message.pin->at);
  }
  text_ << " state";
  tell(message.state);
}

void Teller::tell(const Revision& revision) {
  tell(revision.by);
  tell(revision.version);
  tell(revision.at);
  text_ << (revision.deletion ? " deleted" : " edited");
  tell(revision.content);
}

void Teller::tell(const ConversationView& view) {
  tell(view.conversation);
  text_ << "; ";
  tell(view.self);
  text_ << "; last ";
  tell(view.last_message);
  text_ << "; " << view.unread_count << " unread from";
  tell(view.unread_from);
  text_ << "; pinned";
  for (const Seq seq : view.pinned) tell(seq);
}

void Teller::tell(const MessageStatus& status) {
  tell(status.id.conversation);
  tell(status.id.seq);
  tell(status.state);
  text_ << ' ' << status.recipient_count << " recipients, " << status.delivered_count
        << " delivered, " << status.read_count << " read";
}

void Teller::tell(const RecipientStatus& status) {
  tell(status.user);
  tell(status.state);
  tell_receipt_time(status.delivered_at);
  tell_receipt_time(status.read_at);
}

void Teller::tell(const Receipt& receipt) {
  tell(receipt.user);
  tell_receipt_time(receipt.at);
}

void Teller::tell(const UnreadMark& mark) {
  tell(mark.conversation);
  text_ << " unread from";
  tell(mark.unread_from);
  tell(mark.unread_count);
}

void Teller::tell(const ConversationDelta& delta) {
  tell(delta.view);
  for (const auto& message : delta.messages) line(), text_ << "  ", tell(message);
  if (delta.missing) {
    line();
    text_ << "   missing";
    tell(delta.missing->from);
    tell(delta.missing->to);
  }
  if (delta.stale) {
    line();
    text_ << "   stale";
    tell(delta.stale->from);
    tell(delta.stale->to);
  }
  for (const auto& member : delta.members) line(), text_ << "  ", tell(member);
  if (delta.more_members) text_ << " and more members";
}

void Teller::tell(const SyncPage& page) {
  for (const auto& delta : page.conversations) line(), tell(delta);
  line();
  text_ << ' ' << to_string(page.resumed) << (page.has_more ? " more" : " end");
  tell_cursor(page.cursor);
}

void Teller::tell(const Screen& screen) {
  for (const auto& [conversation, chat] : screen) {
    line();
    tell(conversation);
    tell(chat.title);
    text_ << ' ' << chat.unread << " unread";
    for (const auto& [user, person] : chat.people) {
      line();
      tell(user);
      text_ << ' ' << to_string(person.role);
      tell(person.delivered);
      tell(person.read);
    }
    for (const auto& [seq, content] : chat.messages) {
      line();
      tell(seq);
      tell(content);
    }
  }
}

}  // namespace msg::test
