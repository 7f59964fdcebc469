// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace msg::kv {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr ConversationId kRoom{42};

const std::vector<std::int64_t> kAscending = {
    kMin, -256, -1, 0, 1, 127, 128, 255, 256, 65'535, std::int64_t{1} << 32, kMax - 1, kMax};

bool within(const KvRange& range, const std::string& key) {
  return key >= range.begin && key < range.end;
}

TEST(KvKeys, OrderOfKeysIsOrderOfIds) {
  std::vector<std::string> seqs;
  std::vector<std::string> pairs;
  for (const std::int64_t id : kAscending) {
    seqs.push_back(message_key(kRoom, Seq{id}));
    for (const std::int64_t other : kAscending) {
      pairs.push_back(changed_member_key(kRoom, Version{id}, UserId{other}));
    }
  }
  EXPECT_TRUE(std::ranges::is_sorted(seqs));
  EXPECT_TRUE(std::ranges::is_sorted(pairs));
  EXPECT_EQ(std::ranges::adjacent_find(pairs), pairs.end());
}

TEST(KvKeys, LastIdIsWhatWasPut) {
  for (const std::int64_t id : kAscending) {
    EXPECT_EQ(last_id(user_key(UserId{id})), id);
    EXPECT_EQ(last_id(member_key(kRoom, UserId{id})), id);
    EXPECT_EQ(last_id(message_key(kRoom, Seq{id})), id);
    EXPECT_EQ(last_id(membership_key(UserId{1}, ConversationId{id})), id);
  }
  EXPECT_EQ(last_id("q1234567"), std::nullopt);
}

TEST(KvKeys, MessagesBetweenIncludesBothEnds) {
  const KvRange range = messages_between(kRoom, Seq{5}, Seq{9});
  EXPECT_FALSE(within(range, message_key(kRoom, Seq{4})));
  EXPECT_TRUE(within(range, message_key(kRoom, Seq{5})));
  EXPECT_TRUE(within(range, message_key(kRoom, Seq{9})));
  EXPECT_FALSE(within(range, message_key(kRoom, Seq{10})));
  EXPECT_FALSE(within(range, message_key(ConversationId{43}, Seq{7})));
  EXPECT_TRUE(within(messages_between(kRoom, Seq{kMin}, Seq{kMax}), message_key(kRoom, Seq{kMax})));
  const KvRange reversed = messages_between(kRoom, Seq{9}, Seq{5});
  EXPECT_GE(reversed.begin, reversed.end);
}

TEST(KvKeys, AfterIsStrictUpToTheLastId) {
  for (const std::int64_t id : kAscending) {
    EXPECT_FALSE(within(members_after(kRoom, UserId{id}), member_key(kRoom, UserId{id})));
    EXPECT_FALSE(within(users_after(UserId{id}), user_key(UserId{id})));
    EXPECT_FALSE(within(memberships_after(UserId{1}, ConversationId{id}),
                        membership_key(UserId{1}, ConversationId{id})));
    EXPECT_FALSE(within(members_changed_after(kRoom, Version{id}),
                        changed_member_key(kRoom, Version{id}, UserId{kMax})));
    if (id == kMax) continue;
    EXPECT_TRUE(within(members_after(kRoom, UserId{id}), member_key(kRoom, UserId{id + 1})));
    EXPECT_TRUE(within(users_after(UserId{id}), user_key(UserId{kMax})));
    EXPECT_TRUE(within(memberships_after(UserId{1}, ConversationId{id}),
                       membership_key(UserId{1}, ConversationId{kMax})));
    EXPECT_TRUE(within(members_changed_after(kRoom, Version{id}),
                       changed_member_key(kRoom, Version{id + 1}, UserId{kMin})));
  }
}

TEST(KvKeys, TimeMarksEndWithTheVersion) {
  const KvRange range = time_marks_up_to(kRoom, Version{100});
  EXPECT_TRUE(within(range, time_mark_key(kRoom, Version{0})));
  EXPECT_TRUE(within(range, time_mark_key(kRoom, Version{100})));
  EXPECT_FALSE(within(range, time_mark_key(kRoom, Version{101})));
}

/// All keys, with neighbours of the scope that is asked about: a range holds its own table only.
TEST(KvKeys, RangesHoldNothingOfOtherTables) {
  std::vector<std::string> keys;
  for (const std::int64_t id : kAscending) {
    for (const std::int64_t room : {41, 42, 43}) {
      const ConversationId conversation{room};
      keys.push_back(head_key(conversation));
      keys.push_back(idempotency_key(conversation, UserId{id}, "client"));
      keys.push_back(member_key(conversation, UserId{id}));
      keys.push_back(message_key(conversation, Seq{id}));
      keys.push_back(time_mark_key(conversation, Version{id}));
      keys.push_back(changed_member_key(conversation, Version{id}, UserId{id}));
      keys.push_back(membership_key(UserId{room}, ConversationId{id}));
      keys.push_back(user_session_key(UserId{room}, SessionId{id}));
    }
    keys.push_back(user_key(UserId{id}));
    keys.push_back(api_key_key(ApiKeyId{id}));
    keys.push_back(direct_key(UserId{id}, UserId{id}));
  }
  keys.insert(keys.end(), {session_key({}), secret_key({}), phone_key("+1"), username_key("ann"),
                           meta_key("identity")});
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto count = [&keys](const KvRange& range) {
    return std::ranges::count_if(keys, [&](const auto& key) { return within(range, key); });
  };
  const auto all = static_cast<std::ptrdiff_t>(kAscending.size());
  EXPECT_EQ(count(users_after(UserId{kMin})), all - 1);
  EXPECT_EQ(count(api_keys()), all);
  EXPECT_EQ(count(user_sessions(UserId{42})), all);
  EXPECT_EQ(count(memberships_after(UserId{42}, ConversationId{kMin})), all - 1);
  EXPECT_EQ(count(members_after(kRoom, UserId{kMin})), all - 1);
  EXPECT_EQ(count(members_changed_after(kRoom, Version{kMin})), all - 1);
  EXPECT_EQ(count(messages_between(kRoom, Seq{kMin}, Seq{kMax})), all);
  EXPECT_EQ(count(time_marks_up_to(kRoom, Version{kMax})), all);
}

TEST(KvKeys, BothEndsOfARangeLieInOneScope) {
  const auto same_scope = [](const KvRange& range, std::size_t size) {
    return range.begin.substr(0, size) == range.end.substr(0, size);
  };
  EXPECT_TRUE(same_scope(users_after(UserId{1}), 1));
  EXPECT_TRUE(same_scope(api_keys(), 1));
  EXPECT_TRUE(same_scope(user_sessions(UserId{kMax}), 9));
  EXPECT_TRUE(same_scope(memberships_after(UserId{kMax}, ConversationId{1}), 9));
  EXPECT_TRUE(same_scope(members_after(kRoom, UserId{1}), 10));
  EXPECT_TRUE(same_scope(members_changed_after(kRoom, Version{1}), 10));
  EXPECT_TRUE(same_scope(messages_between(kRoom, Seq{1}, Seq{kMax}), 10));
  EXPECT_TRUE(same_scope(time_marks_up_to(kRoom, Version{kMax}), 10));
}

/// The layout is on disks: a changed key makes every stored one unfindable.
TEST(KvKeys, TheBytesStayAsTheyAre) {
  using std::string_literals::operator""s;
  EXPECT_EQ(message_key(ConversationId{1}, Seq{258}),
            "c\x80\0\0\0\0\0\0\x01q\x80\0\0\0\0\0\x01\x02"s);
  EXPECT_EQ(idempotency_key(ConversationId{1}, UserId{2}, "id"),
            "c\x80\0\0\0\0\0\0\x01i\x80\0\0\0\0\0\0\x02id"s);
  EXPECT_EQ(head_key(ConversationId{1}), "c\x80\0\0\0\0\0\0\x01h"s);
  EXPECT_EQ(phone_key("+1"), "p+1");
}

}  // namespace
}  // namespace msg::kv
