// SPDX-License-Identifier: Apache-2.0
#include "contract.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "support/postgres_server.h"

namespace msg::test {
namespace {

std::filesystem::path make_directory() {
  std::string path = (std::filesystem::temp_directory_path() / "msg-contract-XXXXXX").string();
  if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp failed");
  return path;
}

/// A place per directory.
std::string postgres_url(const std::filesystem::path& directory) {
  std::string name = directory.filename().string();
  if (directory.has_parent_path()) name = directory.parent_path().filename().string() + "_" + name;
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return PostgresServer::shared().make_place(name) + "&msg_partitions=2";
}

}  // namespace

std::vector<Backend> backends() {
  std::vector<Backend> all{
      {"memory", [](const std::filesystem::path&) -> std::string { return "memory:"; }, false},
      {"sqlite",
       [](const std::filesystem::path& directory) {
         return "sqlite:" + (directory / "chat.db").string();
       },
       true},
      {"rocksdb",
       [](const std::filesystem::path& directory) {
         return "rocksdb:" + (directory / "chat").string();
       },
       true},
  };
  if (PostgresServer::is_installed()) {
    all.push_back({.name = "postgres", .url = postgres_url, .durable = true, .shared = true});
  }
  return all;
}

std::vector<Backend> durable_backends() {
  auto all = backends();
  std::erase_if(all, [](const Backend& backend) { return !backend.durable; });
  return all;
}

Contract::Contract() : directory_(make_directory()) {
  options_.clock = [this] { return now(); };
  reopen();
}

Contract::~Contract() {
  messenger_.reset();
  std::filesystem::remove_all(directory_);
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

std::string print_backend(const testing::TestParamInfo<Backend>& info) {
  return info.param.name;
}

std::vector<std::int64_t> seqs(const std::vector<Message>& messages) {
  std::vector<std::int64_t> result;
  for (const auto& message : messages) result.push_back(to_int(message.id.seq));
  return result;
}

}  // namespace msg::test
