// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <thread>

#include "contract.h"

namespace msg::test {
namespace {

class SendContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId chat_ = direct(alice_, bob_);

  Draft draft(const std::string& content) const {
    Draft draft;
    draft.conversation = chat_;
    draft.sender = alice_.id;
    draft.content = content;
    return draft;
  }
};

TEST_P(SendContract, KeepsEveryFieldForEveryReader) {
  send(bob_, chat_, "first");
  Draft sent = draft("grüße 👋");
  sent.kind = MessageKind::location;
  sent.reply_to = Seq{1};
  sent.timestamp = Time{std::chrono::milliseconds(1'700'000'000'123)};
  sent.client_id = "key-1";
  const auto message = must(messenger_->send(sent));
  EXPECT_EQ(message.id, (MessageId{chat_, Seq{2}}));
  EXPECT_EQ(message.created_at, now());

  const auto for_sender = must(messenger_->load_message(alice_.id, message.id));
  const auto for_other = must(messenger_->load_message(bob_.id, message.id));
  for (const auto& stored : {for_sender, for_other}) {
    EXPECT_EQ(stored.sender, alice_.id);
    EXPECT_EQ(stored.kind, MessageKind::location);
    EXPECT_EQ(stored.content, "grüße 👋");
    EXPECT_EQ(stored.reply_to, Seq{1});
    EXPECT_EQ(stored.timestamp, sent.timestamp);
    EXPECT_EQ(stored.created_at, message.created_at);
    EXPECT_EQ(stored.version, message.version);
    EXPECT_FALSE(stored.deleted || stored.edited_at);
  }
  EXPECT_EQ(for_sender.client_id, "key-1");
  EXPECT_EQ(for_other.client_id, "");
}

TEST_P(SendContract, NumbersMessagesFromOneWithoutHoles) {
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(send(i % 2 ? alice_ : bob_, chat_, "x").id.seq, Seq{i});
    EXPECT_FALSE(messenger_->send(draft("")));  // a refused send takes no number
  }
}

TEST_P(SendContract, SameKeyAndRequestGivesTheFirstAnswerAgain) {
  const auto first = send(alice_, chat_, "hello", "k");
  advance(std::chrono::hours(1));
  const auto again = send(alice_, chat_, "hello", "k");
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.created_at, first.created_at);
  EXPECT_EQ(again.version, first.version);
  EXPECT_EQ(send(bob_, chat_, "hello", "k").id.seq, Seq{2}) << "keys are the sender's own";
  EXPECT_EQ(send(alice_, chat_, "hello").id.seq, Seq{3}) << "without a key each send is new";
}

TEST_P(SendContract, SameKeyWithAnotherRequestIsAConflict) {
  send(alice_, chat_, "hello", "k");
  Draft other = draft("hello");
  other.client_id = "k";
  EXPECT_TRUE(messenger_->send(other));
  const auto conflicts = [&](auto change) {
    Draft changed = other;
    change(changed);
    return refuses(messenger_->send(changed), Code::idempotency_conflict, "client_id");
  };
  EXPECT_TRUE(conflicts([](Draft& d) { d.content = "hallo"; }));
  EXPECT_TRUE(conflicts([](Draft& d) { d.kind = MessageKind::custom; }));
  EXPECT_TRUE(conflicts([](Draft& d) { d.reply_to = Seq{1}; }));
  EXPECT_TRUE(conflicts([](Draft& d) { d.timestamp = Time{}; }));
  EXPECT_EQ(must(messenger_->history(alice_.id, {.conversation = chat_})).items.size(), 1u);
}

TEST_P(SendContract, SixteenRacersWithOneKeyMakeOneMessage) {
  for (int round = 0; round < 20; ++round) {
    const std::string key = "race-" + std::to_string(round);
    std::vector<std::thread> racers;
    std::vector<Result<Message>> results(16);
    for (auto& result : results) {
      racers.emplace_back([&] {
        Draft same = draft(key);
        same.client_id = key;
        result = messenger_->send(same);
      });
    }
    for (auto& racer : racers) racer.join();
    std::set<MessageId> ids;
    for (auto& result : results) ids.insert(must(std::move(result)).id);
    EXPECT_EQ(ids, (std::set{MessageId{chat_, Seq{round + 1}}}));
  }
}

TEST_P(SendContract, OneBadDraftOfABatchFailsAlone) {
  std::vector drafts{draft("a"), draft(""), draft("b"), draft("c")};
  drafts[2].conversation = ConversationId{4};
  const auto results = messenger_->send_many(drafts);
  EXPECT_EQ(must(results[0]).id.seq, Seq{1});
  EXPECT_TRUE(refuses(results[1], Code::invalid_argument, "content"));
  EXPECT_TRUE(refuses(results[2], Code::not_found));
  EXPECT_EQ(must(results[3]).id.seq, Seq{2});
}

TEST_P(SendContract, DraftsForSeveralCommitsKeepTheirPlaces) {
  const std::size_t count = 2 * Options{}.commit_batch_max + 100;
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < count; ++i) drafts.push_back(draft(std::to_string(i)));
  const auto results = messenger_->send_many(drafts);
  ASSERT_EQ(results.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const Message sent = must(results[i]);
    EXPECT_EQ(sent.content, std::to_string(i));
    EXPECT_EQ(sent.id.seq, Seq{static_cast<std::int64_t>(i) + 1});
  }
}

TEST_P(SendContract, NamesTheFieldThatIsWrong) {
  const auto attempt = [&](auto change) {
    Draft changed = draft("x");
    change(changed);
    return messenger_->send(changed);
  };
  const auto bad = Code::invalid_argument;
  EXPECT_TRUE(
      refuses(attempt([](Draft& d) { d.content.assign(64 * 1024 + 1, 'x'); }), bad, "content"));
  EXPECT_TRUE(attempt([](Draft& d) { d.content.assign(64 * 1024, 'x'); }));
  EXPECT_TRUE(refuses(attempt([](Draft& d) { d.content = "\xED\xA0\x80"; }), bad, "content"));
  EXPECT_TRUE(
      refuses(attempt([](Draft& d) { d.content = std::string("a\0b", 3); }), bad, "content"));
  EXPECT_TRUE(refuses(attempt([](Draft& d) { d.client_id.assign(129, 'k'); }), bad, "client_id"));
  EXPECT_TRUE(refuses(attempt([](Draft& d) { d.client_id = "a\nb"; }), bad, "client_id"));
  EXPECT_TRUE(refuses(attempt([](Draft& d) { d.kind = MessageKind::system; }), bad, "kind"));
  EXPECT_TRUE(refuses(attempt([](Draft& d) { d.reply_to = Seq{7}; }), bad, "reply_to"));
  EXPECT_TRUE(refuses(attempt([](Draft& d) { d.reply_to = Seq{0}; }), bad, "reply_to"));
  EXPECT_TRUE(refuses(attempt([](Draft& d) { d.timestamp = Time{std::chrono::milliseconds{-1}}; }),
                      bad, "timestamp"));
}

TEST_P(SendContract, ManySendersKeepOneDenseOrder) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  std::vector<std::vector<Message>> answers(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const User& sender = t % 2 == 0 ? alice_ : bob_;
      for (int i = 0; i < kEach; ++i) {
        answers[static_cast<std::size_t>(t)].push_back(
            send(sender, chat_, std::to_string(t) + ":" + std::to_string(i)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::int64_t> all;
  for (const auto& own : answers) {
    const auto order = seqs(own);
    EXPECT_TRUE(std::ranges::is_sorted(order)) << "own messages stand in send order";
    all.insert(order.begin(), order.end());
    for (const auto& message : own) {
      EXPECT_EQ(must(messenger_->load_message(alice_.id, message.id)).content, message.content);
    }
  }
  EXPECT_EQ(all.size(), std::size_t{kThreads * kEach});
  EXPECT_EQ(*all.rbegin(), kThreads * kEach);
}

TEST_P(SendContract, AsynchronousSendsCompleteOnceEach) {
  std::atomic<int> completed{0};
  for (int i = 0; i < 500; ++i) {
    messenger_->send_async(draft(std::to_string(i)), [&](Result<Message> result) {
      if (result) ++completed;
    });
  }
  const auto last = send(alice_, chat_, "last");  // commits behind all the others
  EXPECT_EQ(last.id.seq, Seq{501});
  EXPECT_GE(completed.load(), 0);
  messenger_.reset();  // finishes what was accepted
  EXPECT_EQ(completed.load(), 500);
}

TEST_P(SendContract, OrderDoesNotDependOnTheClock) {
  std::vector<Message> sent{send(alice_, chat_, "a")};
  advance(std::chrono::hours(-1));
  sent.push_back(send(bob_, chat_, "b"));
  advance(std::chrono::hours(3));
  sent.push_back(send(alice_, chat_, "c"));
  advance(std::chrono::hours(-2));
  sent.push_back(send(alice_, chat_, "d"));
  EXPECT_EQ(seqs(sent), (std::vector<std::int64_t>{1, 2, 3, 4}));
  for (std::size_t i = 1; i < sent.size(); ++i) {
    EXPECT_GT(sent[i].version, sent[i - 1].version);
    EXPECT_GE(sent[i].created_at, sent[i - 1].created_at);
  }
}

MSG_FOR_EACH_BACKEND(SendContract);

/// A queue of one place, with a clock that holds the writer in the middle of a commit.
TEST(CommitQueue, SaysOverloadedWhenFullAndForgetsNothing) {
  std::atomic<bool> hold{false};
  std::atomic<bool> held{false};
  Options options;
  options.commit_queue_max = 2;
  options.clock = [&] {
    if (hold) {
      held = true;
      held.notify_all();
      hold.wait(true);
    }
    return Time{std::chrono::milliseconds(1'800'000'000'000)};
  };
  auto messenger = must(open("memory:", options));
  const auto alice = must(messenger->register_user({.phone = "+14155550100", .username = {}}));
  const auto notes = must(messenger->open_direct(alice.id, alice.id)).id;
  Draft draft;
  draft.conversation = notes;
  draft.sender = alice.id;
  draft.content = "x";
  hold = true;
  std::atomic<int> stored{0};
  std::atomic<int> refused{0};
  const auto count = [&](Result<Message> result) {
    if (result) {
      ++stored;
    } else {
      EXPECT_EQ(result.error().code, Code::overloaded);
      EXPECT_GT(result.error().retry_after.count(), 0);
      ++refused;
    }
  };
  messenger->send_async(draft, count);
  held.wait(false);  // the writer has taken it
  for (int i = 0; i < 5; ++i) messenger->send_async(draft, count);
  EXPECT_EQ(refused, 3);
  hold = false;
  hold.notify_all();
  messenger.reset();
  EXPECT_EQ(stored, 3);
}

}  // namespace
}  // namespace msg::test
