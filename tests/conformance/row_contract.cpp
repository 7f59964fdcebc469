// SPDX-License-Identifier: Apache-2.0
#include "conformance/row_contract.h"

namespace msg::test::rows {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST_P(RowContract, AConversationAndItsMemberAreFoundTogetherOrNotAtAll) {
  MemberRow row = member(kRoom, kAda, version(1));
  row.active = false;
  row.visible_until = Seq{5};
  write([&](WriteTransaction& t) {
    must(t.put_conversation(group(kRoom), true));
    must(t.put_conversation(group(kNextRoom), true));
    must(t.put_member(row, nullptr));
    must(t.put_member(member(kRoom, kBob, version(2)), nullptr));
    must(t.put_member(member(ConversationId{1}, kAda, version(3)), nullptr));
  });
  auto s = snapshot();
  const auto found = must(s->find_participation(kRoom, kAda));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->conversation, group(kRoom));
  EXPECT_EQ(found->member, row);
  EXPECT_FALSE(must(s->find_participation(kRoom, kCem)));
  EXPECT_FALSE(must(s->find_participation(kNextRoom, kAda)));
  EXPECT_FALSE(must(s->find_participation(ConversationId{1}, kAda))) << "without a conversation";
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
  const ApiKey second{.id = ApiKeyId{2},
                      .name = {},
                      .created_at = at(2),
                      .scopes = {KeyScope::admin, KeyScope::read_metrics}};
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

MSG_FOR_EACH_BACKEND(RowContract);

}  // namespace
}  // namespace msg::test::rows
