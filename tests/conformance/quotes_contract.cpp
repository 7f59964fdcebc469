// SPDX-License-Identifier: Apache-2.0
#include "contract.h"
#include "event_log.h"

namespace msg::test {
namespace {

class QuotesContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId room_ = group(alice_, {bob_.id});
  Message question_ = send(alice_, room_, "Where?");

  Message answer(Seq to) {
    return must(messenger_->send(
        {.conversation = room_, .sender = bob_.id, .content = "Here.", .reply_to = to}));
  }
  std::optional<Quote> quote(const User& user, const MessageId& id) {
    return must(messenger_->load_message(user.id, id)).quote;
  }
};

TEST_P(QuotesContract, AnAnswerCarriesTheBeginningOfWhatItAnswers) {
  EventLog alices(*messenger_, alice_);
  const auto sent = answer(question_.id.seq);
  const Quote wanted{.sender = alice_.id,
                     .version = question_.version,
                     .kind = MessageKind::text,
                     .excerpt = "Where?",
                     .deleted = false};
  EXPECT_EQ(quote(alice_, sent.id), wanted);
  EXPECT_EQ(quote(bob_, question_.id), std::nullopt);
  const auto page = must(messenger_->history(alice_.id, {.conversation = room_}));
  EXPECT_EQ(page.items[0].quote, wanted);
  EXPECT_EQ(page.items[1].quote, std::nullopt);
  const auto sync = must(messenger_->sync(alice_.id, {}));
  EXPECT_EQ(sync.conversations[0].messages[1].quote, wanted);
  const auto events = alices.all<MessageEvent>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].message.quote, wanted);
}

TEST_P(QuotesContract, ALongTextIsCutBetweenCharacters) {
  const auto text = std::string(239, 'x') + "ğ and more";
  EXPECT_EQ(quote(alice_, answer(send(alice_, room_, text).id.seq).id)->excerpt,
            std::string(239, 'x'));
  const auto whole = std::string(236, 'x') + "😀";
  EXPECT_EQ(quote(alice_, answer(send(alice_, room_, whole).id.seq).id)->excerpt, whole);
  const auto image = must(messenger_->send({.conversation = room_,
                                            .sender = alice_.id,
                                            .content = "{\"media\": 1}",
                                            .kind = MessageKind::image}));
  const auto of_image = quote(alice_, answer(image.id.seq).id);
  EXPECT_EQ(of_image->kind, MessageKind::image);
  EXPECT_EQ(of_image->excerpt, "");
}

TEST_P(QuotesContract, SayWhatTheAnsweredMessageIsNow) {
  const auto sent = answer(question_.id.seq);
  must(messenger_->edit(alice_.id, {question_.id, "When?"}));
  EXPECT_EQ(quote(bob_, sent.id)->excerpt, "When?");
  must(messenger_->delete_for_everyone(alice_.id, question_.id));
  EXPECT_TRUE(quote(bob_, sent.id)->deleted);
  EXPECT_EQ(quote(bob_, sent.id)->excerpt, "");
  EXPECT_EQ(quote(alice_, answer(question_.id.seq).id)->deleted, true);
  must(messenger_->delete_for_everyone(bob_.id, sent.id));
  EXPECT_EQ(quote(alice_, sent.id), std::nullopt);
}

TEST_P(QuotesContract, WhoMayNotReadTheAnsweredMessageGetsNone) {
  const auto carol = add_user("carol");
  must(messenger_->add_member(alice_.id, room_, carol.id, Role::member));
  EventLog bobs(*messenger_, bob_);
  EventLog carols(*messenger_, carol);
  const auto sent = answer(question_.id.seq);
  EXPECT_EQ(quote(carol, sent.id), std::nullopt);
  EXPECT_EQ(must(messenger_->load_message(carol.id, sent.id)).reply_to, question_.id.seq);
  ASSERT_EQ(carols.all<MessageEvent>().size(), 1u);
  EXPECT_EQ(carols.all<MessageEvent>()[0].message.quote, std::nullopt);
  EXPECT_EQ(carols.all<MessageEvent>()[0].message.content, "Here.");
  ASSERT_EQ(bobs.all<MessageEvent>().size(), 1u);
  EXPECT_TRUE(bobs.all<MessageEvent>()[0].message.quote);
}

TEST_P(QuotesContract, AFormerMemberIsQuotedWhatWasThereThen) {
  const auto sent = answer(question_.id.seq);
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  must(messenger_->edit(alice_.id, {question_.id, "canary"}));
  EXPECT_EQ(quote(bob_, sent.id)->excerpt, "Where?");
}

MSG_FOR_EACH_BACKEND(QuotesContract);

}  // namespace
}  // namespace msg::test
