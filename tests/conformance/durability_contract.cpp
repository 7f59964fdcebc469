// SPDX-License-Identifier: Apache-2.0
#include "contract.h"
#include "replica.h"

namespace msg::test {
namespace {

class DurabilityContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
};

TEST_P(DurabilityContract, EverythingIsThereAfterOpeningAgain) {
  const auto chat = direct(alice_, bob_);
  const auto id = group(alice_, {bob_.id});
  const auto session = must(messenger_->create_session(alice_.id, "Phone"));
  const auto key = must(messenger_->create_api_key("backend"));
  send(alice_, chat, "hello", "k");
  send_many(bob_, id, 300);
  read(bob_, chat, 1);
  const auto before = Replica::truth(*messenger_, alice_.id);
  const auto page = must(messenger_->history(alice_.id, {.conversation = id}));
  const auto cursor = must(messenger_->sync_position());

  reopen();
  EXPECT_EQ(Replica::truth(*messenger_, alice_.id), before);
  EXPECT_EQ(direct(bob_, alice_), chat);
  EXPECT_EQ(send(alice_, chat, "hello", "k").id.seq, Seq{1}) << "keys outlive the process";
  EXPECT_EQ(send(alice_, chat, "next").id.seq, Seq{2});
  EXPECT_TRUE(messenger_->authenticate(session.token));
  EXPECT_TRUE(messenger_->authenticate(key.secret));
  EXPECT_EQ(must(messenger_->load_user(alice_.id)).phone, alice_.phone);
  const auto more =
      must(messenger_->history(alice_.id, {.conversation = id, .limit = 0, .cursor = page.next}));
  EXPECT_EQ(more.items.front().id.seq, Seq{250}) << "cursors outlive the process";
  const auto synced = must(messenger_->sync(alice_.id, {.limit = 0, .cursor = cursor}));
  ASSERT_EQ(synced.conversations.size(), 1u);
  EXPECT_EQ(seqs(synced.conversations[0].messages), (std::vector<std::int64_t>{2}));
}

TEST_P(DurabilityContract, VersionsRiseThoughTheClockWentBackOverARestart) {
  const auto chat = direct(alice_, bob_);
  const auto first = send(alice_, chat, "1");
  const auto cursor = must(messenger_->sync_position());
  advance(-std::chrono::hours(5));
  reopen();
  EXPECT_GT(send(alice_, chat, "2").version, first.version);
  EXPECT_EQ(must(messenger_->sync(bob_.id, {.limit = 0, .cursor = cursor})).conversations.size(),
            1u);
  EXPECT_NE(add_user("carol").id, alice_.id);
}

TEST_P(DurabilityContract, OnlyOneProcessHasAStoreOpenUnlessItIsShared) {
  const auto second = open(GetParam().url(directory_), options_);
  if (GetParam().shared) {
    EXPECT_TRUE(second);
  } else {
    EXPECT_TRUE(refuses(second, Code::conflict));
  }
}

MSG_FOR_EACH_DURABLE_BACKEND(DurabilityContract);

TEST(OpenStore, NamesWhatIsWrongWithAUrl) {
  EXPECT_TRUE(refuses(open("mysql://x"), Code::invalid_argument, "url"));
  EXPECT_TRUE(refuses(open("sqlite:"), Code::invalid_argument, "url"));
  EXPECT_TRUE(refuses(open("sqlite:/nowhere/at/all/chat.db"), Code::not_found, "url"));
  Options options;
  options.node = 1024;
  EXPECT_TRUE(refuses(open("memory:", options), Code::invalid_argument, "node"));
}

}  // namespace
}  // namespace msg::test
