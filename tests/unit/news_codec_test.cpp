// SPDX-License-Identifier: Apache-2.0
#include "feed/news_codec.h"

#include <gtest/gtest.h>

#include <memory>

namespace msg {
namespace {

std::shared_ptr<Event> event(Version version, decltype(Event::body) body) {
  auto made = std::make_shared<Event>();
  made->conversation = ConversationId{1'000'000'000'001};
  made->version = version;
  made->body = std::move(body);
  return made;
}

Member member() {
  return {.conversation = ConversationId{1'000'000'000'001},
          .user = UserId{77},
          .role = Role::owner,
          .active = true,
          .visible_from = Seq{3},
          .visible_until = Seq{40},
          .delivered = Seq{39},
          .read = Seq{12},
          .delivered_at = Time{std::chrono::milliseconds(1'700'000'000'123)},
          .read_at = std::nullopt,
          .joined_at = Time{std::chrono::milliseconds(-5)},
          .version = Version{901}};
}

News make_news() {
  News news{.writer = 5,
            .life = 0xFFFFFFFF,
            .before = Version{800},
            .last = Version{902},
            .built_on = {},
            .items = {},
            .heard_at = {}};
  news.built_on.up_to.at(0) = Version{1};
  news.built_on.up_to.at(kWritersMax - 1) = Version{1'234'567'890'123};
  auto receipt = event(
      Version{901}, ReceiptEvent{.member = member(), .to_everyone = false, .delivered_rose = true});
  receipt->not_for = UserId{78};
  news.items.emplace_back(std::move(receipt));
  Message message;
  message.id = {ConversationId{1'000'000'000'001}, Seq{41}};
  message.content = "not for the bus";
  news.items.emplace_back(event(Version{902}, MessageEvent{message}));
  auto left = event(Version{902}, MemberEvent{member()});
  left->only_for = UserId{77};
  news.items.emplace_back(std::move(left));
  auto secret = event(Version{901}, ReceiptEvent{.member = member()});
  secret->only_for = UserId{77};
  news.items.emplace_back(std::move(secret));
  news.items.emplace_back(ReadsSwitch{.user = UserId{79}, .is_told = true});
  news.items.emplace_back(Everybody{});
  return news;
}

TEST(NewsCodec, TellsReceiptsInWholeAndOfTheRestWhomItConcerns) {
  const std::string bytes = encode_news(make_news());
  EXPECT_EQ(bytes.find("bus"), std::string::npos);
  const auto hint = decode_news(bytes);
  ASSERT_TRUE(hint);
  const News& news = hint->news;
  EXPECT_EQ(news.writer, 5u);
  EXPECT_EQ(news.life, 0xFFFFFFFF);
  EXPECT_EQ(news.before, Version{800});
  EXPECT_EQ(news.last, Version{902});
  EXPECT_EQ(news.built_on, make_news().built_on);

  ASSERT_EQ(news.items.size(), 6u);
  const auto& told = std::get<std::shared_ptr<Event>>(news.items[0]);
  EXPECT_EQ(told->version, Version{901});
  EXPECT_EQ(told->not_for, UserId{78});
  const auto& receipt = std::get<ReceiptEvent>(told->body);
  EXPECT_FALSE(receipt.to_everyone);
  EXPECT_TRUE(receipt.delivered_rose);
  EXPECT_EQ(receipt.member.conversation, member().conversation);
  EXPECT_EQ(receipt.member.user, member().user);
  EXPECT_EQ(receipt.member.role, member().role);
  EXPECT_EQ(receipt.member.active, member().active);
  EXPECT_EQ(receipt.member.visible_from, member().visible_from);
  EXPECT_EQ(receipt.member.visible_until, member().visible_until);
  EXPECT_EQ(receipt.member.delivered, member().delivered);
  EXPECT_EQ(receipt.member.read, member().read);
  EXPECT_EQ(receipt.member.delivered_at, member().delivered_at);
  EXPECT_EQ(receipt.member.read_at, member().read_at);
  EXPECT_EQ(receipt.member.joined_at, member().joined_at);
  EXPECT_EQ(receipt.member.version, member().version);

  ASSERT_EQ(hint->sent.size(), 1u);
  EXPECT_EQ(hint->sent[0].item, 1u);
  EXPECT_EQ(hint->sent[0].message.seq, Seq{41});
  EXPECT_EQ(hint->sent[0].version, Version{902});
  const Concern left{.conversation = ConversationId{1'000'000'000'001},
                     .only_for = UserId{77},
                     .member = UserId{77}};
  EXPECT_EQ(std::get<Concern>(news.items[2]), left);
  const Concern secret{.conversation = ConversationId{1'000'000'000'001}, .only_for = UserId{77}};
  EXPECT_EQ(std::get<Concern>(news.items[3]), secret) << "what a user alone may know";
  const ReadsSwitch made{.user = UserId{79}, .is_told = true};
  EXPECT_EQ(std::get<ReadsSwitch>(news.items[4]), made);
  EXPECT_TRUE(std::holds_alternative<Everybody>(news.items[5]));
}

TEST(NewsCodec, RefusesWhatIsCutOffOrGoesOn) {
  const std::string bytes = encode_news(make_news());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_news(bytes.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_news(bytes + '\0'));
}

}  // namespace
}  // namespace msg
