// SPDX-License-Identifier: Apache-2.0
#include "postgres/fixture.h"

#include <ctime>

namespace msg::test {

void Postgres::SetUp() {
  if (!PostgresServer::is_installed()) GTEST_SKIP() << "no PostgreSQL on this machine";
  static int places = 0;
  place_ = "place" + std::to_string(++places);
  url_ = PostgresServer::shared().make_place(place_) + "&msg_partitions=4";
}

void SharedStore::SetUp() {
  place_ = directory_.path().filename().string();
  url_ = GetParam().url(directory_.path());
}

std::unique_ptr<Messenger> Postgres::open_node(int node, const std::string& more) {
  Options options;
  options.node = node;
  options.follow_interval = std::chrono::hours(1);  // the tests ask themselves
  return must(open(url_ + more, options));
}

std::unique_ptr<Messenger> Postgres::open_node(int node, std::shared_ptr<Bus> bus,
                                               std::chrono::milliseconds follow_interval) {
  Options options;
  options.node = node;
  options.bus = std::move(bus);
  options.follow_interval = follow_interval;
  return must(open(url_, options));
}

User Postgres::add_user(Messenger& messenger, const std::string& name) {
  NewUser user;
  user.phone = "+1415" + std::to_string(5550100 + users_++);
  user.username = name;
  return must(messenger.register_user(user));
}

Draft Postgres::draft(UserId sender, ConversationId conversation, const std::string& content,
                      const std::string& client_id) {
  Draft made;
  made.conversation = conversation;
  made.sender = sender;
  made.content = content;
  made.client_id = client_id;
  return made;
}

Message Postgres::send(Messenger& messenger, UserId sender, ConversationId conversation,
                       const std::string& content, const std::string& client_id) {
  return must(messenger.send(draft(sender, conversation, content, client_id)));
}

void Postgres::wait_until(const std::string& sql, const std::string& wanted) {
  ForeignSession session(PostgresServer::shared().url());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (session.query(sql) != wanted) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("in vain: " + sql);
    const timespec pause{.tv_sec = 0, .tv_nsec = 5'000'000};
    nanosleep(&pause, nullptr);
  }
}

int Follower::catch_up(int limit) {
  int count = 0;
  bool has_paged = false;
  for (bool has_more = true; has_more; has_paged = true) {
    SyncRequest request;
    request.limit = limit;
    request.cursor = cursor_;
    const auto page = must(messenger_.sync(user_, request));
    EXPECT_LT(page.cursor.size(), 1024u);
    for (const auto& delta : page.conversations) {
      auto& seen = seen_[delta.view.conversation.id];
      if (delta.messages.empty()) continue;
      const Seq first = delta.missing ? delta.missing->from : delta.messages.front().id.seq;
      EXPECT_LE(to_int(first), seen + 1) << "no hole";
      // What changes between two pages is offered again, whole.
      EXPECT_TRUE(has_paged || to_int(first) == seen + 1) << "nothing twice";
      const auto last = to_int(delta.messages.back().id.seq);
      count += static_cast<int>(last - seen);
      seen = last;
    }
    cursor_ = page.cursor;
    has_more = page.has_more;
  }
  return count;
}

}  // namespace msg::test
