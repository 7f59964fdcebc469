// SPDX-License-Identifier: Apache-2.0
// Two processes that want the same at the same moment, again and again; what must be true whoever
// was first.
#include <algorithm>
#include <array>
#include <barrier>
#include <set>
#include <thread>

#include "msg/maintenance.h"
#include "postgres/fixture.h"

namespace msg::test {
namespace {

class PostgresRaces : public SharedStore {
 protected:
  void SetUp() override {
    SharedStore::SetUp();
    if (IsSkipped()) return;
    for (const int node : {1, 2}) nodes_.push_back(open_node(node));
    for (const char* name : {"alice", "bob", "carol"}) users_.push_back(add_user(a(), name).id);
  }
  /// Whatever was done: numbers without a hole, counts that a recount gives, every index entry.
  void TearDown() override {
    if (nodes_.empty()) return;
    nodes_.clear();
    EXPECT_EQ(must(check_store(url_)).problems, std::vector<std::string>{});
  }

  Messenger& a() { return *nodes_[0]; }
  Messenger& b() { return *nodes_[1]; }
  UserId alice() const { return users_[0]; }
  UserId bob() const { return users_[1]; }
  UserId carol() const { return users_[2]; }

  /// A group of alice's with bob and carol, bob in that role.
  ConversationId group(Role of_bob) {
    const auto id = must(a().create_group(alice(), {.title = "G", .users = {bob(), carol()}})).id;
    if (of_bob != Role::member) must(a().change_role(alice(), id, bob(), of_bob));
    return id;
  }

  /// Both at once, each in a thread of its own.
  template <class First, class Second>
  static auto race(First first, Second second) {
    std::barrier start(2);
    decltype(first()) other = fail(Code::unavailable, "not done");
    std::jthread thread([&] {
      start.arrive_and_wait();
      other = second();
    });
    start.arrive_and_wait();
    auto own = first();
    thread.join();
    return std::array{std::move(own), std::move(other)};
  }

  std::vector<std::unique_ptr<Messenger>> nodes_;
  std::vector<UserId> users_;
};

/// How many were done.
template <class T>
std::ptrdiff_t successes(const std::array<Result<T>, 2>& results) {
  return std::ranges::count_if(results, [](const auto& result) { return result.has_value(); });
}

/// Those that were not.
template <class T>
std::vector<Code> refusals(const std::array<Result<T>, 2>& results) {
  std::vector<Code> codes;
  for (const auto& result : results) {
    if (!result) codes.push_back(result.error().code);
  }
  return codes;
}

TEST_P(PostgresRaces, InOneConversationNumbersAreDenseAndRiseForEach) {
  constexpr int kSends = 100;
  const auto chat = must(a().open_direct(alice(), bob())).id;
  const auto talk = [&](Messenger& messenger, UserId sender) {
    std::vector<std::int64_t> seqs;
    for (int i = 0; i < kSends; ++i) {
      seqs.push_back(to_int(send(messenger, sender, chat, "x", std::to_string(i)).id.seq));
    }
    return seqs;
  };
  std::vector<std::int64_t> of_bob;
  std::jthread other([&] { of_bob = talk(b(), bob()); });
  const auto of_alice = talk(a(), alice());
  other.join();
  EXPECT_TRUE(std::ranges::is_sorted(of_alice));
  EXPECT_TRUE(std::ranges::is_sorted(of_bob));
  std::set<std::int64_t> all(of_alice.begin(), of_alice.end());
  all.insert(of_bob.begin(), of_bob.end());
  EXPECT_EQ(all.size(), 2u * kSends) << "no number twice";
  EXPECT_EQ(*all.rbegin(), 2 * kSends) << "and none left out";
}

TEST_P(PostgresRaces, OneKeyIsOneMessage) {
  const auto chat = must(a().open_direct(alice(), bob())).id;
  for (int round = 1; round <= 40; ++round) {
    const bool is_repeated = round % 2 == 0;
    const std::string key = std::to_string(round);
    const auto sent =
        race([&] { return a().send(draft(alice(), chat, "x", key)); },
             [&] { return b().send(draft(alice(), chat, is_repeated ? "x" : "another", key)); });
    if (is_repeated) {
      ASSERT_EQ(successes(sent), 2);
      EXPECT_EQ(sent[0]->id, sent[1]->id);
    } else {
      ASSERT_EQ(refusals(sent), std::vector{Code::idempotency_conflict});
    }
    const auto view = must(b().load_conversation(bob(), chat));
    ASSERT_EQ(view.conversation.last_seq, Seq{round});
    EXPECT_EQ(view.unread_count, round);
  }
}

TEST_P(PostgresRaces, APairHasOneDirectConversation) {
  for (int round = 0; round < 20; ++round) {
    const auto dave = add_user(a(), "dave" + std::to_string(round)).id;
    const auto opened = race([&] { return a().open_direct(alice(), dave); },
                             [&] { return b().open_direct(dave, alice()); });
    ASSERT_EQ(successes(opened), 2) << refusals(opened).size();
    ASSERT_EQ(opened[0]->id, opened[1]->id);
    EXPECT_EQ(must(a().list_conversations(dave, {})).items.size(), 1u);
  }
}

TEST_P(PostgresRaces, APhoneNumberHasOneUser) {
  for (int round = 0; round < 20; ++round) {
    NewUser user;
    user.phone = "+1415666" + std::to_string(1000 + round);
    const auto made =
        race([&] { return a().register_user(user); }, [&] { return b().register_user(user); });
    ASSERT_EQ(refusals(made), std::vector{Code::conflict});
  }
}

TEST_P(PostgresRaces, TheLastOwnerStays) {
  for (int round = 0; round < 15; ++round) {
    const auto id = group(Role::owner);
    const auto left = race([&] { return a().remove_member(alice(), id, alice()); },
                           [&] { return b().remove_member(bob(), id, bob()); });
    ASSERT_EQ(refusals(left), std::vector{Code::conflict});
    const auto view = must(a().load_conversation(carol(), id));
    EXPECT_EQ(view.conversation.member_count, 2);
  }
}

TEST_P(PostgresRaces, TwoOwnersCannotPutEachOtherDown) {
  for (int round = 0; round < 15; ++round) {
    const auto id = group(Role::owner);
    const auto changed = race([&] { return a().change_role(alice(), id, bob(), Role::member); },
                              [&] { return b().change_role(bob(), id, alice(), Role::member); });
    ASSERT_EQ(refusals(changed), std::vector{Code::permission_denied});
    const auto members = must(a().list_members(carol(), id, {})).items;
    EXPECT_EQ(std::ranges::count(members, Role::owner, &Member::role), 1);
  }
}

TEST_P(PostgresRaces, WhoIsAddedTwiceIsOneMember) {
  for (int round = 0; round < 15; ++round) {
    const auto id = group(Role::owner);
    must(a().remove_member(alice(), id, carol()));
    const auto added = race([&] { return a().add_member(alice(), id, carol(), Role::member); },
                            [&] { return b().add_member(bob(), id, carol(), Role::member); });
    ASSERT_EQ(successes(added), 2);
    EXPECT_EQ(added[0]->visible_from, added[1]->visible_from) << "the first one counts";
    EXPECT_EQ(must(a().load_conversation(alice(), id)).conversation.member_count, 3);
  }
}

/// Whoever was first: she is a member where the other one has put her back, else she is none.
TEST_P(PostgresRaces, AddedHereAndRemovedThere) {
  for (int round = 0; round < 20; ++round) {
    const auto id = group(Role::owner);
    const auto done = race([&] { return a().add_member(alice(), id, carol(), Role::member); },
                           [&] { return b().remove_member(bob(), id, carol()); });
    ASSERT_EQ(successes(done), 2);
    const auto view = must(a().load_conversation(alice(), id));
    const auto members = must(b().list_members(bob(), id, {})).items;
    const auto active = std::ranges::count(members, true, &Member::active);
    ASSERT_EQ(active, view.conversation.member_count);
    const bool is_in = done[0]->version > done[1]->version;
    EXPECT_EQ(active, is_in ? 3 : 2);
    const auto sent = b().send(draft(carol(), id, "am I in?"));
    EXPECT_EQ(sent.has_value(), is_in);
  }
}

TEST_P(PostgresRaces, AReadMarkOnlyRises) {
  constexpr int kMessages = 60;
  const auto chat = must(a().open_direct(alice(), bob())).id;
  for (int i = 0; i < kMessages; ++i) send(a(), alice(), chat, "x");
  for (int round = 1; round <= kMessages / 2; ++round) {
    const auto mark = [&](Messenger& messenger, int up_to) {
      return messenger.mark(bob(), {chat, MessageState::read, Seq{up_to}});
    };
    const auto marked =
        race([&] { return mark(a(), 2 * round); }, [&] { return mark(b(), 2 * round - 1); });
    ASSERT_EQ(successes(marked), 2);
    EXPECT_EQ(marked[0]->read, Seq{2 * round});
    EXPECT_GE(marked[1]->read, Seq{2 * round - 1});
    const auto view = must(b().load_conversation(bob(), chat));
    ASSERT_EQ(view.self.read, Seq{2 * round});
    EXPECT_EQ(view.unread_count, kMessages - 2 * round);
  }
}

TEST_P(PostgresRaces, EachReactionIsCounted) {
  const auto chat = must(a().open_direct(alice(), bob())).id;
  const MessageId message = send(a(), alice(), chat, "x").id;
  const auto change = [&](Messenger& messenger, UserId user) {
    for (int i = 0; i < 100; ++i) {
      must(messenger.react(user, {message, "👍"}));
      must(messenger.remove_reaction(user, {message, "👍"}));
    }
    must(messenger.react(user, {message, "👍"}));
  };
  std::jthread other([&] { change(b(), bob()); });
  change(a(), alice());
  other.join();
  const auto found = must(a().load_message(alice(), message));
  ASSERT_EQ(found.reactions.size(), 1u);
  EXPECT_EQ(found.reactions[0].count, 2);
}

MSG_FOR_EACH_SHARED_BACKEND(PostgresRaces);

}  // namespace
}  // namespace msg::test
