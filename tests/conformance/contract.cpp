// SPDX-License-Identifier: Apache-2.0
#include "contract.h"

namespace msg::test {
Contract::Contract() : directory_(temporary_.path()) {
  options_.clock = [this] { return now(); };
  reopen();
}

Contract::~Contract() {
  messenger_.reset();
}

void Contract::reopen() {
  messenger_.reset();
  messenger_ = must(open(GetParam().url(directory_), options_));
}

User Contract::add_user(const std::string& name) {
  const std::string digits = std::to_string(5550100 + users_++);
  return must(messenger_->register_user({.phone = "+1415" + digits,
                                         .username = name,
                                         .display_name = {},
                                         .about = {},
                                         .avatar = {}}));
}

ConversationId Contract::direct(const User& a, const User& b) {
  return must(messenger_->open_direct(a.id, b.id)).id;
}

ConversationId Contract::group(const User& owner, const std::vector<UserId>& others) {
  return must(messenger_->create_group(owner.id, {.title = "Group", .users = others})).id;
}

Message Contract::send(const User& sender, ConversationId conversation, const std::string& content,
                       const std::string& client_id) {
  return must(messenger_->send({.conversation = conversation,
                                .sender = sender.id,
                                .content = content,
                                .reply_to = {},
                                .timestamp = {},
                                .client_id = client_id}));
}

void Contract::send_many(const User& sender, ConversationId conversation, int count) {
  std::vector<Draft> drafts(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    auto& draft = drafts[static_cast<std::size_t>(i)];
    draft.conversation = conversation;
    draft.sender = sender.id;
    draft.content = "message " + std::to_string(i);
  }
  for (auto& result : messenger_->send_many(drafts)) must(std::move(result));
}

void Contract::read(const User& user, ConversationId conversation, std::int64_t up_to) {
  must(messenger_->mark(user.id, {conversation, MessageState::read, Seq{up_to}}));
}

void Contract::delivered(const User& user, ConversationId conversation, std::int64_t up_to) {
  must(messenger_->mark(user.id, {conversation, MessageState::delivered, Seq{up_to}}));
}

std::int64_t Contract::unread(const User& user, ConversationId conversation) {
  return must(messenger_->load_conversation(user.id, conversation)).unread_count;
}

std::vector<std::int64_t> seqs(const std::vector<Message>& messages) {
  std::vector<std::int64_t> result;
  for (const auto& message : messages) result.push_back(to_int(message.id.seq));
  return result;
}

}  // namespace msg::test
