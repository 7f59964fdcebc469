// SPDX-License-Identifier: Apache-2.0
// What readers share: one load for all who want the same, sealed entries, rows as they were.
#include "store/cached/shared_reads.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <atomic>
#include <thread>
#include <vector>

#include "store/cached/cached_rows.h"

namespace msg::test {
namespace {

StoreIdentity identity_of(unsigned char secret, std::int64_t epoch = 7) {
  StoreIdentity identity{.epoch = epoch};
  identity.cursor_secret.fill(secret);
  return identity;
}

TEST(Sealer, OpensWhatItSealedForThatKeyAndNothingElse) {
  ASSERT_GE(sodium_init(), 0);
  const Sealer sealer(identity_of(1));
  const auto key = sealer.key_of("question");
  EXPECT_EQ(key, sealer.key_of("question"));
  EXPECT_NE(key, sealer.key_of("another"));
  const auto sealed = sealer.seal(key, "answer");
  EXPECT_EQ(sealer.open(key, sealed), "answer");
  EXPECT_EQ(sealed.find("answer"), std::string::npos);
  EXPECT_NE(sealed, sealer.seal(key, "answer"));
  EXPECT_FALSE(sealer.open(sealer.key_of("another"), sealed)) << "moved";
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    EXPECT_FALSE(sealer.open(key, sealed.substr(0, i)));
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(sealer.open(key, changed)) << i;
  }
  EXPECT_FALSE(sealer.open(key, sealed + "x"));
  for (const auto& other : {identity_of(2), identity_of(1, 8)}) {
    EXPECT_NE(Sealer(other).key_of("question"), key);
    EXPECT_FALSE(Sealer(other).open(key, sealed)) << "another store";
  }
}

TEST(CachedRows, ComeBackAsTheyWere) {
  const ConversationId conversation{5};
  std::vector<Message> messages(2);
  for (int i = 0; i < 2; ++i) {
    messages[i].id = {.conversation = conversation, .seq = Seq{i + 1}};
    messages[i].version = Version{(i + 1) << 20};
    messages[i].created_at = time_of(messages[i].version);
    messages[i].sender = UserId{9};
    messages[i].content = std::string(i, 'x');
  }
  EXPECT_EQ(*cached::decode_messages(conversation, cached::encode(messages)), messages);
  EXPECT_FALSE(cached::decode_messages(ConversationId{6}, cached::encode(messages)));
  const std::vector<std::optional<Message>> found{messages[1], std::nullopt};
  EXPECT_EQ(*cached::decode_found(conversation, cached::encode(found)), found);
  const std::vector<MemberRow> members{{.conversation = conversation, .user = UserId{3}}};
  EXPECT_EQ(*cached::decode_members(conversation, cached::encode(members)), members);
  for (const auto& seq : {std::optional<Seq>(), std::optional(Seq{3})}) {
    EXPECT_EQ(*cached::decode_seq(cached::encode(seq)), seq);
  }
  const auto bytes = cached::encode(messages);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(cached::decode_messages(conversation, bytes.substr(0, i))) << i;
  }
  EXPECT_FALSE(cached::decode_messages(conversation, "\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
}

TEST(CachedRows, AMembersOwnSideIsNotShared) {
  MemberRow member;
  member.read = Seq{9};
  member.own.shown_read = Seq{4};
  member.own.unread_from = Seq{2};
  member.mentions = {Seq{3}};
  member.hidden = {{.seq = Seq{1}, .version = Version{1}}};
  member.joined_after = Seq{1};
  cached::keep_public_part(member);
  EXPECT_EQ(member, (MemberRow{.joined_after = Seq{1}, .read = Seq{4}}));
}

class SharedReadsTest : public testing::Test {
 protected:
  Result<LoadedPtr> read(std::string_view question, const SharedReads::Load& load) {
    return reads_.read(ConversationId{1}, question, load);
  }
  CacheUse& use() { return cache_->use(); }
  void wait_for(int waiting) {
    while (use().waiting < waiting) std::this_thread::yield();
  }

  std::shared_ptr<Cache> cache_ = *open_cache("memory:shared reads");
  SharedReads reads_{cache_, identity_of(1)};
};

TEST_F(SharedReadsTest, AThousandWantTheSameAndOneAsks) {
  constexpr int kReaders = 1000;
  std::atomic<int> asked{0};
  std::atomic<int> wrong{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      const auto loaded = read("question", [&]() -> Result<std::string> {
        ++asked;
        wait_for(kReaders - 1);
        return "answer";
      });
      wrong += loaded && (*loaded)->bytes == "answer" ? 0 : 1;
    });
  }
  readers.clear();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(use().shared, kReaders - 1U);
}

TEST_F(SharedReadsTest, AnErrorIsForWhoMetIt) {
  std::atomic<int> asked{0};
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] {
        const auto loaded = read("question", [&]() -> Result<std::string> {
          if (asked++ > 0) return "answer";
          wait_for(3);
          return fail(Code::unavailable, "the first has bad luck");
        });
        failed += loaded ? 0 : 1;
      });
    }
  }
  EXPECT_EQ(failed, 1);
  EXPECT_GE(asked, 2);
  EXPECT_TRUE(read("question", []() -> Result<std::string> {
    return fail(Code::unavailable, "it is in the cache");
  }));
}

/// Whoever comes while the first opens a conversation has what that one found.
TEST_F(SharedReadsTest, AnOpeningIsSharedByThoseWhoComeMeanwhile) {
  auto opening = reads_.open(ConversationId{1});
  ASSERT_TRUE(opening.leads());
  EXPECT_FALSE(reads_.open(ConversationId{1}).leads());
  std::vector<std::jthread> readers;
  std::atomic<int> asked{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      EXPECT_EQ((*read("question",
                       [&]() -> Result<std::string> {
                         ++asked;
                         return "asked";
                       }))
                    ->bytes,
                "opened");
    });
  }
  wait_for(3);
  reads_.opened(std::move(opening), "question", []() -> Result<std::string> { return "opened"; });
  readers.clear();
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(use().loads, 1U);
}

TEST_F(SharedReadsTest, AnOpeningThatNobodyElseWantedIsNotCached) {
  reads_.opened(reads_.open(ConversationId{1}), "question",
                []() -> Result<std::string> { return "opened"; });
  EXPECT_EQ(use().loads, 0U);
  EXPECT_EQ(cache_->state().stored, 0U);
}

TEST_F(SharedReadsTest, AForgedEntryIsLoadedAgain) {
  const auto load = []() -> Result<std::string> { return "answer"; };
  cache_->put(Sealer(identity_of(1)).key_of("question"), "forged");
  EXPECT_EQ((*read("question", load))->bytes, "answer");
  EXPECT_EQ(use().refused, 1U);
  EXPECT_EQ((*read("question", load))->bytes, "answer");
  EXPECT_EQ(use().hits, 1U);
}

TEST(Heat, IsOfWhatWasReadBefore) {
  Heat heat;
  EXPECT_FALSE(heat.touch(ConversationId{1}));
  EXPECT_TRUE(heat.is_hot(ConversationId{1}));
  EXPECT_TRUE(heat.touch(ConversationId{1}));
  EXPECT_FALSE(heat.is_hot(ConversationId{2}));
}

}  // namespace
}  // namespace msg::test
