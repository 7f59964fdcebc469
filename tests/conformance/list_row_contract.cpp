// SPDX-License-Identifier: Apache-2.0
#include "conformance/row_contract.h"

namespace msg::test::rows {
namespace {

class ListRowContract : public RowContract {};

TEST_P(ListRowContract, PlacesAreThoseOfActiveMembershipsByConversation) {
  std::vector<ListPlace> wanted;
  write([&](WriteTransaction& t) {
    for (std::int64_t i = 1; i <= 7; ++i) {
      ConversationRow row = group(ConversationId{i});
      row.activity = version(100 - i);
      must(t.put_conversation(row, true));
      const bool active = i != 2 && i != 3 && i != 7;
      must(t.put_membership({kAda, row.id, active, version(i)}));
      must(t.put_membership({kBob, row.id, true, version(i)}));
      if (active) wanted.push_back({row.activity, row.id});
    }
  });
  auto s = snapshot();
  EXPECT_EQ(must(s->list_places(kAda, ConversationId{}, 10)), wanted);
  EXPECT_EQ(must(s->list_places(kAda, ConversationId{}, 4)), wanted);
  for (const int limit : {1, 2, 3}) {
    std::vector<ListPlace> paged;
    for (ConversationId after{};;) {
      const auto page = must(s->list_places(kAda, after, limit));
      paged.insert(paged.end(), page.begin(), page.end());
      if (std::ssize(page) < limit) break;
      after = page.back().conversation;
    }
    EXPECT_EQ(paged, wanted) << "by " << limit;
  }
  EXPECT_TRUE(must(s->list_places(kCem, ConversationId{}, 10)).empty());
}

TEST_P(ListRowContract, ManyConversationsAndTheirMemberAreAnsweredInTheOrderAsked) {
  write([&](WriteTransaction& t) {
    must(t.put_conversation(group(kRoom), true));
    must(t.put_conversation(group(kNextRoom), true));
    must(t.put_member(member(kRoom, kAda, version(1)), nullptr));
    must(t.put_member(member(kNextRoom, kAda, version(2)), nullptr));
    must(t.put_member(member(kNextRoom, kBob, version(3)), nullptr));
  });
  auto s = snapshot();
  const std::vector<ConversationId> ids{kNextRoom, ConversationId{1}, kRoom};
  const auto adas = must(s->find_participations(ids, kAda));
  ASSERT_EQ(adas.size(), 3u);
  ASSERT_TRUE(adas[0] && adas[2]);
  EXPECT_FALSE(adas[1]);
  EXPECT_EQ(adas[0]->conversation, group(kNextRoom));
  EXPECT_EQ(adas[0]->member, member(kNextRoom, kAda, version(2)));
  EXPECT_EQ(adas[2]->conversation, group(kRoom));
  const auto bobs = must(s->find_participations(ids, kBob));
  ASSERT_EQ(bobs.size(), 3u);
  EXPECT_TRUE(bobs[0]);
  EXPECT_FALSE(bobs[2]);
  EXPECT_TRUE(must(s->find_participations({}, kAda)).empty());
}

MSG_FOR_EACH_BACKEND(ListRowContract);

}  // namespace
}  // namespace msg::test::rows
