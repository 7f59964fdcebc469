// SPDX-License-Identifier: Apache-2.0
// What becomes of a message after it was sent, and who hears of it.
#include <mutex>

#include "contract.h"
#include "replica.h"

namespace msg::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ChangesContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId chat_ = direct(alice_, bob_);

  Result<Message> try_edit(const User& user, const MessageId& id, const std::string& content) {
    return messenger_->edit(user.id, {.message = id, .content = content});
  }
  Message edit(const User& user, const MessageId& id, const std::string& content) {
    return must(try_edit(user, id, content));
  }
  Message erase(const User& user, const MessageId& id) {
    return must(messenger_->delete_for_everyone(user.id, id));
  }
  Message load(const User& user, const MessageId& id) {
    return must(messenger_->load_message(user.id, id));
  }
  std::vector<std::string> earlier_contents(const User& user, const MessageId& id) {
    std::vector<std::string> contents;
    for (const auto& revision : must(messenger_->list_revisions(user.id, id))) {
      contents.push_back(revision.content);
    }
    return contents;
  }
  SyncPage sync(const User& user, const std::string& cursor = {}) {
    return must(messenger_->sync(user.id, {.limit = 0, .cursor = cursor}));
  }
  /// Of a sync that brings one conversation.
  ConversationDelta delta(const User& user, const std::string& cursor) {
    auto page = sync(user, cursor);
    if (page.conversations.size() != 1) throw std::runtime_error("not one conversation");
    return page.conversations.front();
  }
};

TEST_P(ChangesContract, AnEditKeepsEverythingButTheContent) {
  const auto sent = send(alice_, chat_, "helo", "key");
  send(bob_, chat_, "what?");
  advance(1min);
  const auto edited = edit(alice_, sent.id, "hello");
  EXPECT_EQ(edited.edited_at, now());
  EXPECT_GT(edited.changed, sent.version);
  Message wanted = sent;
  wanted.content = "hello";
  wanted.edited_at = edited.edited_at;
  wanted.changed = edited.changed;
  EXPECT_EQ(edited, wanted);
  wanted.client_id.clear();
  EXPECT_EQ(load(bob_, sent.id), wanted) << "the other sees it, without the key";
}

TEST_P(ChangesContract, AnEditIsSeenInHistoryAndInTheListWhichKeepsItsOrder) {
  const auto sent = send(alice_, chat_, "helo");
  const auto other = direct(alice_, add_user("carol"));
  send(alice_, other, "later");
  edit(alice_, sent.id, "hello");
  const auto page = must(messenger_->history(bob_.id, {.conversation = chat_}));
  ASSERT_EQ(page.items.size(), 1u);
  EXPECT_EQ(page.items[0].content, "hello");
  const auto list = must(messenger_->list_conversations(alice_.id, {}));
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[0].conversation.id, other);
  EXPECT_EQ(list.items[1].last_message->content, "hello");
}

TEST_P(ChangesContract, OnlyItsSenderEditsAMessage) {
  const auto carol = add_user("carol");
  const auto room = group(alice_, {bob_.id});
  const auto sent = send(bob_, room, "mine");
  EXPECT_TRUE(refuses(try_edit(alice_, sent.id, "yours"), Code::permission_denied));
  EXPECT_TRUE(refuses(try_edit(carol, sent.id, "yours"), Code::not_found, "conversation_id"));
  EXPECT_TRUE(refuses(try_edit(bob_, {room, Seq{2}}, "x"), Code::not_found, "message_id"));
  EXPECT_TRUE(refuses(try_edit(bob_, sent.id, ""), Code::invalid_argument, "content"));
  EXPECT_TRUE(refuses(try_edit(bob_, sent.id, "\xff"), Code::invalid_argument, "content"));
  must(messenger_->remove_member(alice_.id, room, bob_.id));
  EXPECT_TRUE(refuses(try_edit(bob_, sent.id, "left"), Code::permission_denied));
  EXPECT_EQ(load(alice_, sent.id).content, "mine");
}

TEST_P(ChangesContract, OnlyATextThatIsNotOldIsEdited) {
  Draft image{.conversation = chat_, .sender = alice_.id, .content = "x"};
  image.kind = MessageKind::image;
  EXPECT_TRUE(refuses(try_edit(alice_, must(messenger_->send(image)).id, "y"), Code::conflict));
  const auto sent = send(alice_, chat_, "text");
  advance(options_.limits.edit_age_max);
  EXPECT_EQ(edit(alice_, sent.id, "in time").content, "in time");
  advance(1ms);
  EXPECT_TRUE(refuses(try_edit(alice_, sent.id, "late"), Code::conflict));
  EXPECT_EQ(edit(alice_, sent.id, "in time").content, "in time") << "a repetition changes nothing";
}

TEST_P(ChangesContract, AnAgeOfZeroMeansNever) {
  options_.limits.edit_age_max = options_.limits.delete_age_max = 0ms;
  reopen();
  const auto dora = add_user("dora");
  const auto sent = send(dora, direct(dora, dora), "text");
  EXPECT_TRUE(refuses(try_edit(dora, sent.id, "at once"), Code::conflict));
  EXPECT_TRUE(refuses(messenger_->delete_for_everyone(dora.id, sent.id), Code::conflict));
}

TEST_P(ChangesContract, TheSameEditAgainChangesNothing) {
  const auto sent = send(alice_, chat_, "helo");
  const auto edited = edit(alice_, sent.id, "hello");
  const auto cursor = sync(bob_).cursor;
  advance(1min);
  EXPECT_EQ(edit(alice_, sent.id, "hello"), edited);
  EXPECT_THAT(earlier_contents(alice_, sent.id), ElementsAre("helo"));
  EXPECT_TRUE(sync(bob_, cursor).conversations.empty());
}

TEST_P(ChangesContract, RevisionsSayWhoAndWhenAndKeepTheLatestContents) {
  const auto sent = send(alice_, chat_, "0");
  std::vector<Time> times;
  for (int i = 1; i <= 12; ++i) {
    advance(1s);
    times.push_back(now());
    edit(alice_, sent.id, std::to_string(i));
  }
  const auto revisions = must(messenger_->list_revisions(bob_.id, sent.id));
  ASSERT_EQ(revisions.size(), kRevisionsMax);
  for (std::size_t i = 0; i < kRevisionsMax; ++i) {
    EXPECT_EQ(revisions[i].by, alice_.id);
    EXPECT_EQ(revisions[i].at, times[i + 2]);
    EXPECT_EQ(revisions[i].content, std::to_string(i + 2));
    EXPECT_FALSE(revisions[i].deletion);
  }
  EXPECT_THAT(earlier_contents(alice_, send(alice_, chat_, "new").id), IsEmpty());
  EXPECT_TRUE(refuses(messenger_->list_revisions(add_user("carol").id, sent.id), Code::not_found));
}

TEST_P(ChangesContract, ADeletedMessageLeavesItsPlaceOnly) {
  Draft draft{.conversation = chat_, .sender = alice_.id, .content = "secret"};
  draft.reply_to = send(bob_, chat_, "tell me").id.seq;
  draft.timestamp = now();
  draft.client_id = "key";
  const auto sent = must(messenger_->send(draft));
  edit(alice_, sent.id, "SECRET");
  const auto next = send(bob_, chat_, "oh");
  EXPECT_EQ(unread(bob_, chat_), 1);
  const auto stone = erase(alice_, sent.id);
  Message wanted = sent;
  wanted.content.clear();
  wanted.reply_to.reset();
  wanted.timestamp.reset();
  wanted.changed = stone.changed;
  wanted.deleted = true;
  EXPECT_EQ(stone, wanted);
  EXPECT_EQ(next.id.seq, Seq{3});
  const auto page = must(messenger_->history(bob_.id, {.conversation = chat_}));
  EXPECT_EQ(seqs(page.items), (std::vector<std::int64_t>{3, 2, 1}));
  EXPECT_EQ(unread(bob_, chat_), 1) << "it counts as before until it is read";
  EXPECT_EQ(erase(alice_, sent.id), stone);
  EXPECT_TRUE(refuses(try_edit(alice_, sent.id, "again"), Code::conflict));
  const auto again = must(messenger_->send(draft));
  EXPECT_EQ(again, stone) << "a repeated send does not bring it back";
  draft.content = "guess";
  EXPECT_EQ(must(messenger_->send(draft)), stone) << "nothing tells whether it was the same";

  const auto revisions = must(messenger_->list_revisions(bob_.id, sent.id));
  ASSERT_EQ(revisions.size(), 2u);
  EXPECT_EQ(revisions[0].content, "");
  EXPECT_TRUE(revisions[1].deletion);
  EXPECT_EQ(revisions[1].by, alice_.id);
}

TEST_P(ChangesContract, SendersDeleteForATimeAndAdminsAlways) {
  const auto carol = add_user("carol");
  const auto room = group(alice_, {bob_.id, carol.id});
  const auto first = send(carol, room, "first");
  const auto second = send(carol, room, "second");
  const auto in_direct = send(bob_, chat_, "direct");
  EXPECT_TRUE(refuses(messenger_->delete_for_everyone(bob_.id, first.id), Code::permission_denied));
  EXPECT_TRUE(
      refuses(messenger_->delete_for_everyone(alice_.id, in_direct.id), Code::permission_denied));
  advance(options_.limits.delete_age_max);
  EXPECT_TRUE(erase(carol, first.id).deleted);
  advance(1ms);
  EXPECT_TRUE(refuses(messenger_->delete_for_everyone(carol.id, second.id), Code::conflict));
  EXPECT_TRUE(refuses(messenger_->delete_for_everyone(bob_.id, in_direct.id), Code::conflict));
  EXPECT_TRUE(erase(alice_, second.id).deleted);
  EXPECT_EQ(must(messenger_->list_revisions(bob_.id, second.id)).at(0).by, alice_.id);
}

TEST_P(ChangesContract, SyncBringsAChangedMessageOnceAsItIsNow) {
  const auto sent = send(alice_, chat_, "0");
  const auto gone = send(alice_, chat_, "gone");
  send(alice_, chat_, "as it was");
  const auto cursor = sync(bob_).cursor;
  for (int i = 1; i <= 5; ++i) edit(alice_, sent.id, std::to_string(i));
  erase(alice_, gone.id);
  send(bob_, chat_, "new");
  for (int i = 0; i < 2; ++i) {
    const auto news = delta(bob_, cursor);
    EXPECT_EQ(seqs(news.messages), (std::vector<std::int64_t>{1, 2, 4}));
    EXPECT_EQ(news.messages[0].content, "5");
    EXPECT_TRUE(news.messages[1].deleted);
    EXPECT_FALSE(news.missing);
    EXPECT_FALSE(news.stale);
  }
  const auto later = sync(bob_, cursor).cursor;
  EXPECT_TRUE(sync(bob_, later).conversations.empty());
  edit(alice_, sent.id, "6");
  EXPECT_EQ(seqs(delta(bob_, later).messages), std::vector<std::int64_t>{1});
}

TEST_P(ChangesContract, MoreChangesThanAPageHoldsComeAsTheLatestAndARange) {
  send_many(alice_, chat_, 100);
  const auto cursor = sync(bob_).cursor;
  for (int seq = 10; seq <= 70; ++seq) edit(alice_, {chat_, Seq{seq}}, "edited");
  send_many(alice_, chat_, 20);
  auto news = delta(bob_, cursor);
  ASSERT_EQ(news.messages.size(), 50u);
  EXPECT_EQ(news.messages.front().id.seq, Seq{41});
  EXPECT_EQ(news.messages.back().id.seq, Seq{120});
  ASSERT_TRUE(news.stale);
  EXPECT_EQ(news.stale->from, Seq{10});
  EXPECT_EQ(news.stale->to, Seq{40});

  send_many(alice_, chat_, 30);
  edit(alice_, {chat_, Seq{110}}, "in the gap");
  news = delta(bob_, cursor);
  EXPECT_EQ(news.messages.front().id.seq, Seq{101}) << "new ones come first";
  EXPECT_EQ(news.stale->to, Seq{70});
  EXPECT_FALSE(news.missing);
}

TEST_P(ChangesContract, FromAnyEarlierCursorTheSameStateIsReached) {
  std::vector<std::string> cursors{""};
  for (int i = 0; i < 40; ++i) {
    const auto sent = send(i % 2 == 0 ? alice_ : bob_, chat_, "text " + std::to_string(i));
    if (i % 3 == 0) edit(i % 2 == 0 ? alice_ : bob_, sent.id, "edited " + std::to_string(i));
    if (i % 7 == 0) erase(i % 2 == 0 ? alice_ : bob_, sent.id);
    if (i >= 4 && (i - 2) % 7 != 0)
      edit(i % 2 == 0 ? alice_ : bob_, {chat_, Seq{i - 1}}, std::to_string(i));
    cursors.push_back(must(messenger_->sync_position()));
  }
  const auto truth = Replica::truth(*messenger_, alice_.id);
  Replica follower(*messenger_, alice_.id);
  follower.catch_up(1);
  EXPECT_EQ(follower.chats, truth);
  for (const auto& cursor : cursors) {
    follower.set_cursor(cursor);
    follower.catch_up(1);
    EXPECT_EQ(follower.chats, truth);
  }
}

TEST_P(ChangesContract, AFormerMemberSeesAMessageAsItWas) {
  const auto room = group(alice_, {bob_.id});
  const auto first = send(alice_, room, "first");
  const auto second = send(alice_, room, "second");
  const auto third = send(alice_, room, "third");
  const auto known = edit(alice_, first.id, "1");
  const auto cursor = sync(bob_).cursor;
  must(messenger_->remove_member(alice_.id, room, bob_.id));
  edit(alice_, first.id, "canary");
  edit(alice_, third.id, "canary");
  for (int i = 0; i < 11; ++i) edit(alice_, second.id, "canary " + std::to_string(i));

  EXPECT_EQ(load(bob_, first.id), known);
  EXPECT_EQ(load(bob_, second.id).content, "") << "what it was is not known any more";
  EXPECT_EQ(load(bob_, third.id), third);
  const auto page = must(messenger_->history(bob_.id, {.conversation = room}));
  EXPECT_EQ(page.items.at(0), third);
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, room)).last_message, third);
  const auto news = delta(bob_, cursor);
  EXPECT_EQ(news.view.last_message, third);
  for (const auto& message : news.messages) EXPECT_FALSE(message.content.contains("canary"));
  EXPECT_EQ(must(messenger_->list_revisions(bob_.id, first.id)).size(), 1u);
  EXPECT_THAT(earlier_contents(bob_, third.id), IsEmpty());
}

/// Collects the changes that a subscription hands out.
class Changes {
 public:
  Changes(Messenger& messenger, const User& user)
      : subscription_(must(messenger.subscribe(user.id, [this](const auto& event) {
          const std::scoped_lock lock(mutex_);
          if (const auto* change = std::get_if<MessageChangeEvent>(&event->body)) {
            seen_.push_back(change->message);
            EXPECT_EQ(event->version, change->message.changed);
          }
        }))) {
    EXPECT_TRUE(must(subscription_->go_live(must(messenger.sync_position()))));
  }
  std::vector<std::string> contents() {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> contents;
    for (const auto& message : seen_) contents.push_back(message.content);
    return contents;
  }

 private:
  std::mutex mutex_;
  std::vector<Message> seen_;
  std::unique_ptr<Subscription> subscription_;
};

TEST_P(ChangesContract, AChangeIsAnEventForThoseWhoMayReadTheMessage) {
  const auto carol = add_user("carol");
  const auto room = group(alice_, {bob_.id});
  const auto early = send(alice_, room, "early");
  Changes for_carol(*messenger_, carol);
  must(messenger_->add_member(alice_.id, room, carol.id, Role::member));
  const auto late = send(alice_, room, "late");
  Changes for_bob(*messenger_, bob_);
  Changes for_carol_again(*messenger_, carol);
  must(messenger_->change_role(alice_.id, room, carol.id, Role::admin));
  edit(alice_, early.id, "early 2");
  edit(alice_, late.id, "late 2");
  edit(alice_, late.id, "late 2");
  erase(alice_, early.id);
  EXPECT_THAT(for_bob.contents(), ElementsAre("early 2", "late 2", ""));
  EXPECT_THAT(for_carol.contents(), ElementsAre("late 2")) << "it joined after the early one";
  EXPECT_THAT(for_carol_again.contents(), ElementsAre("late 2"));
  must(messenger_->remove_member(alice_.id, room, bob_.id));
  edit(alice_, late.id, "late 3");
  EXPECT_EQ(for_bob.contents().size(), 3u);
}

MSG_FOR_EACH_BACKEND(ChangesContract);

class DurableChangesContract : public ChangesContract {};

TEST_P(DurableChangesContract, ChangesSurviveReopening) {
  const auto first = send(alice_, chat_, "helo");
  const auto second = send(alice_, chat_, "oops");
  const auto cursor = sync(bob_).cursor;
  const auto edited = edit(alice_, first.id, "hello");
  const auto stone = erase(alice_, second.id);
  reopen();
  EXPECT_EQ(load(alice_, first.id).content, "hello");
  EXPECT_EQ(load(alice_, first.id).changed, edited.changed);
  EXPECT_TRUE(load(alice_, second.id).deleted);
  EXPECT_EQ(load(alice_, second.id).changed, stone.changed);
  EXPECT_THAT(earlier_contents(bob_, first.id), ElementsAre("helo"));
  EXPECT_EQ(delta(bob_, cursor).messages.size(), 2u);
}

MSG_FOR_EACH_DURABLE_BACKEND(DurableChangesContract);

}  // namespace
}  // namespace msg::test
