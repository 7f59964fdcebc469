// SPDX-License-Identifier: Apache-2.0
// Rows of what is somebody's own: marks that others do not see, settings, last use, lives.
#include "row_contract.h"

namespace msg::test::rows {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class OwnRowContract : public RowContract {};

TEST_P(OwnRowContract, AMemberKeepsWhatIsItsOwn) {
  MemberRow row = member(kRoom, kAda, version(3));
  const MemberRow plain = row;
  row.own = {.version = version(5),
             .writer = 7,
             .unread_from = Seq{2},
             .sent_count_before_unread = 1,
             .shown_read = Seq{1},
             .hidden_read_at = at(4),
             .preferences = {.pinned = true, .archived = true, .muted_until = at(9)}};
  write([&](WriteTransaction& t) { must(t.put_member(plain, nullptr)); });
  EXPECT_EQ(must(snapshot()->find_member(kRoom, kAda)), plain);
  write([&](WriteTransaction& t) { must(t.put_member(row, &plain)); });
  EXPECT_EQ(must(snapshot()->find_member(kRoom, kAda)), row);
  EXPECT_THAT(must(snapshot()->list_members_changed(kRoom, version(2), 10)), ElementsAre(row));
  EXPECT_TRUE(must(snapshot()->list_members_changed(kRoom, version(4), 10)).empty())
      << "what is its own is no news to others";
  write([&](WriteTransaction& t) { must(t.put_member(plain, &row)); });
  EXPECT_EQ(must(snapshot()->find_member(kRoom, kAda)), plain);
}

TEST_P(OwnRowContract, AUserKeepsTheSwitchForReadReceipts) {
  const User on = user(kAda, "+1");
  User off = on;
  off.read_receipts = false;
  write([&](WriteTransaction& t) { must(t.put_user(on, nullptr)); });
  EXPECT_TRUE(must(snapshot()->find_user(kAda))->read_receipts);
  write([&](WriteTransaction& t) { must(t.put_user(off, &on)); });
  EXPECT_EQ(must(snapshot()->find_user(kAda)), off);
}

TEST_P(OwnRowContract, ASessionKeepsItsLastUse) {
  Session session{.id = SessionId{2},
                  .user = kAda,
                  .device_name = "Phone",
                  .created_at = at(1),
                  .last_seen_at = at(1)};
  write([&](WriteTransaction& t) { must(t.put_session(session, token(1))); });
  session.last_seen_at = at(9);
  write([&](WriteTransaction& t) { must(t.put_last_seen(session)); });
  EXPECT_EQ(must(snapshot()->find_session(token(1))), session);
  EXPECT_THAT(must(snapshot()->list_sessions(kAda)), ElementsAre(session));
}

TEST_P(OwnRowContract, TheLifeOfAVersionIsTheLastThatBeganBelowIt) {
  const Life first{.writer = 3, .from = version(1), .tag = 0xFFFFFFFF};
  const Life second{.writer = 3, .from = version(5), .tag = 2};
  const Life other{.writer = 4, .from = version(2), .tag = 3};
  write([&](WriteTransaction& t) {
    for (const Life& life : {first, second, other}) must(t.put_life(life));
    must(t.put_life(second));
  });
  const auto s = snapshot();
  EXPECT_FALSE(must(s->find_life(3, version(1))));
  EXPECT_EQ(must(s->find_life(3, version(2))), first);
  EXPECT_EQ(must(s->find_life(3, version(5))), first);
  EXPECT_EQ(must(s->find_life(3, version(6))), second);
  EXPECT_FALSE(must(s->find_life(5, version(6))));
  Horizon horizon;
  horizon.up_to.at(3) = version(4);
  horizon.up_to.at(4) = version(9);
  LifeTags tags{};
  tags.at(3) = first.tag;
  tags.at(4) = other.tag;
  const std::array horizons{Horizon{}, horizon};
  EXPECT_THAT(must(s->list_life_tags(horizons)), ElementsAre(LifeTags{}, tags));
}

MSG_FOR_EACH_BACKEND(OwnRowContract);

}  // namespace
}  // namespace msg::test::rows
