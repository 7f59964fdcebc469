// SPDX-License-Identifier: Apache-2.0
// What every msg::Store does with rows: they come back as they went in, in order, and only whole
// commits are seen. The layer below the Messenger's contract, so that a fault names its place.

#include <cstdlib>
#include <functional>
#include <tuple>

#include "contract.h"
#include "store/store.h"

namespace msg::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr ConversationId kRoom{4'000};
constexpr ConversationId kNextRoom{4'001};
constexpr UserId kAda{11};
constexpr UserId kBob{12};
constexpr UserId kCem{13};

Time at(std::int64_t ms) {
  return Time{std::chrono::milliseconds{1'800'000'000'000 + ms}};
}
Version version(std::int64_t ms, std::int64_t counter = 0) {
  return Version{(at(ms).time_since_epoch().count() << 16) + counter};
}

// What is compared of the types that have no == of their own.
auto fields(const User& u) {
  return std::tie(u.id, u.phone, u.username, u.display_name, u.about, u.avatar, u.created_at,
                  u.updated_at);
}
auto fields(const Message& m) {
  return std::tie(m.id, m.sender, m.kind, m.content, m.reply_to, m.timestamp, m.client_id,
                  m.version, m.created_at, m.edited_at, m.deleted, m.state);
}
auto fields(const Session& s) {
  return std::tie(s.id, s.user, s.device_name, s.created_at);
}
auto fields(const ApiKey& k) {
  return std::tie(k.id, k.name, k.created_at);
}

template <class T, class Field>
std::vector<Field> each(const std::vector<T>& rows, Field T::* field) {
  std::vector<Field> values;
  for (const T& row : rows) values.push_back(row.*field);
  return values;
}

User user(UserId id, const std::string& phone, std::optional<std::string> name = {}) {
  return {.id = id,
          .phone = phone,
          .username = std::move(name),
          .display_name = "Ada Ş. 🙂",
          .about = {},
          .avatar = "https://example.org/a.png",
          .created_at = at(1),
          .updated_at = at(2)};
}

ConversationRow group(ConversationId id) {
  ConversationRow row;
  row.id = id;
  row.kind = ConversationKind::group;
  row.title = "Ağaç 'quoted'";
  row.created_by = kAda;
  row.created_at = at(5);
  row.last_seq = Seq{7};
  row.activity = version(6);
  row.member_count = 3;
  row.owner_count = 1;
  row.version = version(7, 3);
  row.senders = {{kBob, 4}, {kAda, 3}};
  return row;
}

MemberRow member(ConversationId conversation, UserId id, Version changed) {
  MemberRow row;
  row.conversation = conversation;
  row.user = id;
  row.role = Role::owner;
  row.visible_from = Seq{1};
  row.joined_at = at(3);
  row.version = changed;
  return row;
}

Message message(ConversationId conversation, std::int64_t seq, const std::string& client_id = {}) {
  Message made;
  made.id = {.conversation = conversation, .seq = Seq{seq}};
  made.sender = kAda;
  made.content = "message " + std::to_string(seq);
  made.client_id = client_id;
  made.version = version(seq * 10);
  made.created_at = time_of(made.version);
  return made;
}

TokenHash token(unsigned char fill) {
  TokenHash hash{};
  hash.fill(fill);
  hash.front() = 0;
  return hash;
}

class RowContract : public testing::TestWithParam<Backend> {
 protected:
  RowContract() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-rows-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = path;
    reopen();
  }
  ~RowContract() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void reopen() {
    store_.reset();
    store_ = must(open_store(GetParam().url(directory_), {}));
  }
  std::unique_ptr<Snapshot> snapshot() { return must(store_->snapshot()); }

  /// One committed transaction.
  void write(const std::function<void(WriteTransaction&)>& puts) {
    auto transaction = must(store_->begin());
    puts(*transaction);
    last_ = Version{to_int(last_) + 1};
    must(transaction->commit(last_));
  }
  void append(const Message& sent) {
    write([&](WriteTransaction& t) { must(t.append_message(sent, {{}, sent.id.seq})); });
  }
  void append_many(ConversationId conversation, std::int64_t count) {
    write([&](WriteTransaction& t) {
      for (std::int64_t seq = 1; seq <= count; ++seq) {
        must(t.append_message(message(conversation, seq), {{}, Seq{seq}}));
      }
    });
  }

  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
  Version last_{version(1'000'000)};
};

class DurableRowContract : public RowContract {};

TEST_P(RowContract, AnEmptyStoreFindsNothing) {
  auto s = snapshot();
  EXPECT_EQ(must(s->last_version()), Version{0});
  EXPECT_FALSE(must(s->find_user(kAda)));
  EXPECT_FALSE(must(s->find_phone("+14155550100")));
  EXPECT_FALSE(must(s->find_username("ada")));
  EXPECT_THAT(must(s->list_users(UserId{0}, 10)), IsEmpty());
  EXPECT_FALSE(must(s->find_conversation(kRoom)));
  EXPECT_FALSE(must(s->find_direct(kAda, kBob)));
  EXPECT_FALSE(must(s->find_member(kRoom, kAda)));
  EXPECT_THAT(must(s->list_members(kRoom, UserId{0}, 10)), IsEmpty());
  EXPECT_THAT(must(s->list_members_changed(kRoom, Version{0}, 10)), IsEmpty());
  EXPECT_THAT(must(s->list_memberships(kAda, ConversationId{0}, 10)), IsEmpty());
  EXPECT_FALSE(must(s->find_message({kRoom, Seq{1}})));
  EXPECT_FALSE(must(s->find_seq_after(kRoom, Version{0})));
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "k")));
  EXPECT_FALSE(must(s->find_session(token(1))));
  EXPECT_THAT(must(s->list_sessions(kAda)), IsEmpty());
  EXPECT_FALSE(must(s->find_api_key(token(1))));
  EXPECT_THAT(must(s->list_api_keys()), IsEmpty());
}

TEST_P(RowContract, UsersComeBackAsTheyWere) {
  const User named = user(kAda, "+14155550100", "ada");
  User bare = user(kBob, "+14155550101");
  bare.display_name = bare.avatar = {};
  write([&](WriteTransaction& t) {
    must(t.put_user(named, nullptr));
    must(t.put_user(bare, nullptr));
  });
  auto s = snapshot();
  EXPECT_EQ(fields(must(s->find_user(kAda)).value()), fields(named));
  EXPECT_EQ(fields(must(s->find_user(kBob)).value()), fields(bare));
  EXPECT_EQ(must(s->find_phone("+14155550101")), kBob);
  EXPECT_EQ(must(s->find_username("ada")), kAda);
  EXPECT_FALSE(must(s->find_username("ad")));
}

TEST_P(RowContract, PhoneAndNameMoveWithTheirUser) {
  const User before = user(kAda, "+14155550100", "ada");
  User after = user(kAda, "+14155550200", "ada.l");
  write([&](WriteTransaction& t) { must(t.put_user(before, nullptr)); });
  write([&](WriteTransaction& t) { must(t.put_user(after, &before)); });
  EXPECT_FALSE(must(snapshot()->find_phone("+14155550100")));
  EXPECT_FALSE(must(snapshot()->find_username("ada")));
  EXPECT_EQ(must(snapshot()->find_phone("+14155550200")), kAda);
  EXPECT_EQ(must(snapshot()->find_username("ada.l")), kAda);

  const User named = after;
  after.username.reset();
  write([&](WriteTransaction& t) {
    must(t.put_user(after, &named));
    must(t.put_user(user(kBob, "+14155550100", "ada.l"), nullptr));
  });
  EXPECT_EQ(must(snapshot()->find_username("ada.l")), kBob);
  EXPECT_EQ(must(snapshot()->find_phone("+14155550100")), kBob);
  EXPECT_EQ(must(snapshot()->find_phone("+14155550200")), kAda);
}

TEST_P(RowContract, UsersAreListedAfterAnId) {
  write([&](WriteTransaction& t) {
    for (const int id : {300, 5, 70}) {
      must(t.put_user(user(UserId{id}, "+1415555" + std::to_string(1000 + id)), nullptr));
    }
  });
  auto s = snapshot();
  EXPECT_THAT(each(must(s->list_users(UserId{0}, 2)), &User::id),
              ElementsAre(UserId{5}, UserId{70}));
  EXPECT_THAT(each(must(s->list_users(UserId{70}, 2)), &User::id), ElementsAre(UserId{300}));
}

TEST_P(RowContract, ConversationsComeBackAsTheyWereAndAreReplaced) {
  ConversationRow row = group(kRoom);
  write([&](WriteTransaction& t) { must(t.put_conversation(row, true)); });
  EXPECT_EQ(must(snapshot()->find_conversation(kRoom)), row);

  row.title.clear();
  row.senders.clear();
  row.last_seq = Seq{8};
  row.version = version(9);
  write([&](WriteTransaction& t) { must(t.put_conversation(row, false)); });
  EXPECT_EQ(must(snapshot()->find_conversation(kRoom)), row);
  EXPECT_FALSE(must(snapshot()->find_conversation(kNextRoom)));
}

TEST_P(RowContract, ADirectConversationIsFoundByItsTwoUsers) {
  ConversationRow row = group(kRoom);
  row.kind = ConversationKind::direct;
  row.direct_low = kAda;
  row.direct_high = kBob;
  write([&](WriteTransaction& t) {
    must(t.put_conversation(row, true));
    must(t.put_conversation(group(kNextRoom), true));
  });
  EXPECT_EQ(must(snapshot()->find_direct(kAda, kBob)), kRoom);
  EXPECT_FALSE(must(snapshot()->find_direct(kBob, kAda)));
  EXPECT_FALSE(must(snapshot()->find_direct(UserId{0}, UserId{0})));
  EXPECT_EQ(must(snapshot()->find_conversation(kRoom)), row);
}

TEST_P(RowContract, MembersComeBackAsTheyWereAndAreReplaced) {
  MemberRow row = member(kRoom, kAda, version(1));
  write([&](WriteTransaction& t) { must(t.put_member(row, nullptr)); });
  EXPECT_EQ(must(snapshot()->find_member(kRoom, kAda)), row);

  const MemberRow before = row;
  row.role = Role::admin;
  row.active = false;
  row.visible_from = Seq{4};
  row.visible_until = Seq{900};
  row.delivered = Seq{800};
  row.read = Seq{700};
  row.sent_count = 1'000'000;
  row.sent_count_at_read = 12;
  row.version = version(2);
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(kReceiptRunsMax); ++i) {
    row.delivered_runs.push_back({.up_to = Seq{10 * i + 1}, .at = at(i * 1'000)});
    row.read_runs.push_back({.up_to = Seq{10 * i}, .at = at(i * 7'000)});
  }
  write([&](WriteTransaction& t) { must(t.put_member(row, &before)); });
  EXPECT_EQ(must(snapshot()->find_member(kRoom, kAda)), row);
  EXPECT_FALSE(must(snapshot()->find_member(kNextRoom, kAda)));
  EXPECT_FALSE(must(snapshot()->find_member(kRoom, kBob)));
}

TEST_P(RowContract, MembersAreListedByUserAndByVersion) {
  write([&](WriteTransaction& t) {
    must(t.put_member(member(kRoom, kCem, version(1)), nullptr));
    must(t.put_member(member(kRoom, kAda, version(2)), nullptr));
    must(t.put_member(member(kRoom, kBob, version(3)), nullptr));
    must(t.put_member(member(kNextRoom, kAda, version(4)), nullptr));
  });
  const auto users = [&](Result<std::vector<MemberRow>> rows) {
    return each(must(std::move(rows)), &MemberRow::user);
  };
  EXPECT_THAT(users(snapshot()->list_members(kRoom, UserId{0}, 10)), ElementsAre(kAda, kBob, kCem));
  EXPECT_THAT(users(snapshot()->list_members(kRoom, kAda, 1)), ElementsAre(kBob));
  EXPECT_THAT(users(snapshot()->list_members_changed(kRoom, Version{0}, 10)),
              ElementsAre(kCem, kAda, kBob));
  EXPECT_THAT(users(snapshot()->list_members_changed(kRoom, version(1), 1)), ElementsAre(kAda));
  EXPECT_THAT(users(snapshot()->list_members_changed(kRoom, version(3), 10)), IsEmpty());

  // A change moves the member to the end of the changes and leaves nothing in its old place.
  const MemberRow before = member(kRoom, kCem, version(1));
  const MemberRow after = member(kRoom, kCem, version(5));
  write([&](WriteTransaction& t) { must(t.put_member(after, &before)); });
  EXPECT_THAT(users(snapshot()->list_members_changed(kRoom, Version{0}, 10)),
              ElementsAre(kAda, kBob, kCem));
}

TEST_P(RowContract, MembershipsAreListedAfterAConversation) {
  const MembershipRow first{
      .user = kAda, .conversation = kRoom, .active = true, .version = version(1)};
  MembershipRow second{
      .user = kAda, .conversation = kNextRoom, .active = true, .version = version(2)};
  write([&](WriteTransaction& t) {
    must(t.put_membership(second));
    must(t.put_membership(first));
    must(t.put_membership({.user = kBob, .conversation = kRoom, .version = version(3)}));
  });
  second.active = false;
  second.version = version(9);
  write([&](WriteTransaction& t) { must(t.put_membership(second)); });
  auto s = snapshot();
  EXPECT_THAT(must(s->list_memberships(kAda, ConversationId{0}, 10)), ElementsAre(first, second));
  EXPECT_THAT(must(s->list_memberships(kAda, ConversationId{0}, 1)), ElementsAre(first));
  EXPECT_THAT(must(s->list_memberships(kAda, kRoom, 10)), ElementsAre(second));
}

TEST_P(RowContract, MessagesComeBackAsTheyWere) {
  Message full = message(kRoom, 1, "key-1");
  full.kind = MessageKind::encrypted;
  full.content = std::string(64 * 1024, 'x') + '\0' + "ğ 🙂";
  full.reply_to = Seq{1};
  full.timestamp = at(-5);
  full.edited_at = at(99);
  full.deleted = true;
  Message bare = message(kRoom, 2);
  bare.content.clear();
  append(full);
  append(bare);
  auto s = snapshot();
  EXPECT_EQ(fields(must(s->find_message(full.id)).value()), fields(full));
  EXPECT_EQ(fields(must(s->find_message(bare.id)).value()), fields(bare));
  EXPECT_FALSE(must(s->find_message({kRoom, Seq{3}})));
  EXPECT_FALSE(must(s->find_message({kNextRoom, Seq{1}})));
}

TEST_P(RowContract, EveryKindOfMessageComesBack) {
  for (int kind = 0; kind <= static_cast<int>(MessageKind::encrypted); ++kind) {
    Message sent = message(kRoom, kind + 1);
    sent.kind = static_cast<MessageKind>(kind);
    append(sent);
    EXPECT_EQ(must(snapshot()->find_message(sent.id)).value().kind, sent.kind);
  }
}

TEST_P(RowContract, MessagesAreListedInBothOrders) {
  append_many(kRoom, 300);
  append_many(kNextRoom, 3);
  auto s = snapshot();
  const auto listed = [&](std::int64_t from, std::int64_t to, int limit, Order order) {
    return seqs(must(s->list_messages(kRoom, Seq{from}, Seq{to}, limit, order)));
  };
  EXPECT_THAT(listed(254, 258, 10, Order::oldest_first), ElementsAre(254, 255, 256, 257, 258));
  EXPECT_THAT(listed(254, 258, 2, Order::oldest_first), ElementsAre(254, 255));
  EXPECT_THAT(listed(254, 258, 2, Order::newest_first), ElementsAre(258, 257));
  EXPECT_THAT(listed(0, 2, 10, Order::newest_first), ElementsAre(2, 1));
  EXPECT_THAT(listed(299, INT64_MAX, 10, Order::oldest_first), ElementsAre(299, 300));
  EXPECT_THAT(listed(1, INT64_MAX, 1, Order::newest_first), ElementsAre(300));
  EXPECT_THAT(listed(301, INT64_MAX, 10, Order::newest_first), IsEmpty());
  EXPECT_THAT(listed(5, 4, 10, Order::oldest_first), IsEmpty());
}

TEST_P(RowContract, TheFirstMessageAfterAMomentIsFoundWhereverItLies) {
  const std::int64_t count = 3 * kTimeMarkInterval + 5;
  append_many(kRoom, count);
  append_many(kNextRoom, count + 200);
  auto s = snapshot();
  EXPECT_EQ(must(s->find_seq_after(kRoom, Version{0})), Seq{1});
  for (std::int64_t seq = 1; seq <= count; ++seq) {
    EXPECT_EQ(must(s->find_seq_after(kRoom, Version{to_int(version(seq * 10)) - 1})), Seq{seq});
  }
  for (std::int64_t seq = 1; seq < count; ++seq) {
    EXPECT_EQ(must(s->find_seq_after(kRoom, version(seq * 10))), Seq{seq + 1});
  }
  EXPECT_FALSE(must(s->find_seq_after(kRoom, version(count * 10))));
  EXPECT_FALSE(must(s->find_seq_after(kRoom, Version{INT64_MAX})));
}

TEST_P(RowContract, AnIdempotencyKeyBelongsToASenderInAConversation) {
  const Message sent = message(kRoom, 1, "Key~1");
  IdempotencyRow row{.request_hash = {}, .seq = Seq{1}};
  row.request_hash.fill(0xfe);
  row.request_hash.back() = 0;
  write([&](WriteTransaction& t) {
    must(t.append_message(sent, row));
    must(t.append_message(message(kRoom, 2), {{}, Seq{2}}));
  });
  auto s = snapshot();
  const auto found = must(s->find_idempotency(kRoom, kAda, "Key~1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->request_hash, row.request_hash);
  EXPECT_EQ(found->seq, row.seq);
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kBob, "Key~1")));
  EXPECT_FALSE(must(s->find_idempotency(kNextRoom, kAda, "Key~1")));
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "key~1")));
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "Key~")));
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "")));
}

TEST_P(RowContract, SessionsAreFoundByTokenAndByUser) {
  const Session phone{
      .id = SessionId{2}, .user = kAda, .device_name = "Phone", .created_at = at(1)};
  const Session desk{.id = SessionId{1}, .user = kAda, .device_name = {}, .created_at = at(2)};
  write([&](WriteTransaction& t) {
    must(t.put_session(phone, token(1)));
    must(t.put_session(desk, token(2)));
    must(t.put_session({.id = SessionId{3}, .user = kBob, .device_name = {}, .created_at = {}},
                       token(3)));
  });
  EXPECT_EQ(fields(must(snapshot()->find_session(token(1))).value()), fields(phone));
  EXPECT_EQ(fields(must(snapshot()->find_session(token(2))).value()), fields(desk));
  EXPECT_FALSE(must(snapshot()->find_session(token(9))));
  EXPECT_THAT(each(must(snapshot()->list_sessions(kAda)), &Session::id),
              ElementsAre(desk.id, phone.id));

  write([&](WriteTransaction& t) { must(t.erase_session(phone)); });
  EXPECT_FALSE(must(snapshot()->find_session(token(1))));
  EXPECT_TRUE(must(snapshot()->find_session(token(2))));
  EXPECT_THAT(each(must(snapshot()->list_sessions(kAda)), &Session::id), ElementsAre(desk.id));
}

TEST_P(RowContract, ApiKeysAreFoundBySecret) {
  const ApiKey first{.id = ApiKeyId{1}, .name = "billing", .created_at = at(1)};
  const ApiKey second{.id = ApiKeyId{2}, .name = {}, .created_at = at(2)};
  write([&](WriteTransaction& t) {
    must(t.put_api_key(second, token(2)));
    must(t.put_api_key(first, token(1)));
  });
  EXPECT_EQ(fields(must(snapshot()->find_api_key(token(1))).value()), fields(first));
  EXPECT_THAT(each(must(snapshot()->list_api_keys()), &ApiKey::id),
              ElementsAre(first.id, second.id));

  write([&](WriteTransaction& t) { must(t.erase_api_key(first.id)); });
  EXPECT_FALSE(must(snapshot()->find_api_key(token(1))));
  EXPECT_THAT(each(must(snapshot()->list_api_keys()), &ApiKey::id), ElementsAre(second.id));
}

TEST_P(RowContract, AWriteSeesItselfAndNobodyElseDoesBeforeItsCommit) {
  auto before = snapshot();
  auto transaction = must(store_->begin());
  must(transaction->put_conversation(group(kRoom), true));
  must(transaction->append_message(message(kRoom, 1, "k"), {{}, Seq{1}}));
  EXPECT_TRUE(must(transaction->find_conversation(kRoom)));
  EXPECT_EQ(seqs(must(transaction->list_messages(kRoom, Seq{1}, Seq{9}, 9, Order::oldest_first))),
            std::vector<std::int64_t>{1});
  EXPECT_TRUE(must(transaction->find_idempotency(kRoom, kAda, "k")));
  EXPECT_FALSE(must(snapshot()->find_conversation(kRoom)));

  must(transaction->commit(version(50)));
  EXPECT_FALSE(must(before->find_conversation(kRoom)));
  EXPECT_FALSE(must(before->find_message({kRoom, Seq{1}})));
  EXPECT_EQ(must(before->last_version()), Version{0});
  EXPECT_TRUE(must(snapshot()->find_conversation(kRoom)));
  EXPECT_EQ(must(snapshot()->last_version()), version(50));
}

TEST_P(RowContract, AnAbandonedWriteLeavesNothing) {
  {
    auto transaction = must(store_->begin());
    must(transaction->put_user(user(kAda, "+14155550100", "ada"), nullptr));
    must(transaction->append_message(message(kRoom, 1, "k"), {{}, Seq{1}}));
  }
  EXPECT_FALSE(must(snapshot()->find_phone("+14155550100")));
  EXPECT_FALSE(must(snapshot()->find_message({kRoom, Seq{1}})));
  EXPECT_EQ(must(snapshot()->last_version()), Version{0});
  append(message(kRoom, 1, "k"));  // The next write is whole again.
  EXPECT_TRUE(must(snapshot()->find_message({kRoom, Seq{1}})));
}

TEST_P(RowContract, EachStoreHasAnIdentityOfItsOwn) {
  const auto other_directory = directory_ / "other";
  std::filesystem::create_directory(other_directory);
  const auto other = must(open_store(GetParam().url(other_directory), {}));
  EXPECT_GT(store_->identity().epoch, 0);
  EXPECT_NE(store_->identity().epoch, other->identity().epoch);
  EXPECT_NE(store_->identity().cursor_secret, other->identity().cursor_secret);
  EXPECT_TRUE(store_->check());
}

TEST_P(DurableRowContract, RowsAndIdentitySurviveReopening) {
  append_many(kRoom, 200);
  write([&](WriteTransaction& t) { must(t.put_conversation(group(kRoom), true)); });
  const StoreIdentity identity = store_->identity();
  reopen();
  EXPECT_EQ(store_->identity().epoch, identity.epoch);
  EXPECT_EQ(store_->identity().cursor_secret, identity.cursor_secret);
  EXPECT_EQ(must(snapshot()->last_version()), last_);
  EXPECT_EQ(must(snapshot()->find_conversation(kRoom)), group(kRoom));
  EXPECT_EQ(must(snapshot()->find_seq_after(kRoom, version(1990))), Seq{200});
}

MSG_FOR_EACH_BACKEND(RowContract);
MSG_FOR_EACH_DURABLE_BACKEND(DurableRowContract);

}  // namespace
}  // namespace msg::test
