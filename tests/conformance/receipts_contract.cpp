// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "contract.h"

namespace msg::test {
namespace {

class ReceiptsContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");
  ConversationId chat_ = direct(alice_, bob_);

  MessageStatus status(const MessageId& id) {
    return must(messenger_->message_status(alice_.id, id));
  }
};

TEST_P(ReceiptsContract, AMessageIsSentThenDeliveredThenRead) {
  const auto message = send(alice_, chat_, "hi");
  EXPECT_EQ(status(message.id).state, MessageState::sent);
  EXPECT_EQ(unread(bob_, chat_), 1);
  EXPECT_EQ(unread(alice_, chat_), 0);
  delivered(bob_, chat_, 1);
  EXPECT_EQ(status(message.id).state, MessageState::delivered);
  EXPECT_EQ(unread(bob_, chat_), 1);
  read(bob_, chat_, 1);
  const auto final_status = status(message.id);
  EXPECT_EQ(final_status.state, MessageState::read);
  EXPECT_EQ(final_status.recipient_count, 1);
  EXPECT_EQ(final_status.delivered_count, 1);
  EXPECT_EQ(final_status.read_count, 1);
  EXPECT_EQ(unread(bob_, chat_), 0);
}

TEST_P(ReceiptsContract, ReadImpliesDelivered) {
  send_many(alice_, chat_, 3);
  read(bob_, chat_, 2);
  const auto self = must(messenger_->load_conversation(bob_.id, chat_)).self;
  EXPECT_EQ(self.delivered, Seq{2});
  EXPECT_EQ(self.read, Seq{2});
  EXPECT_EQ(self.read_at, now());
}

TEST_P(ReceiptsContract, LateAndRepeatedReceiptsChangeNothing) {
  send_many(alice_, chat_, 5);
  read(bob_, chat_, 4);
  const auto before = must(messenger_->load_conversation(bob_.id, chat_)).self;
  advance(std::chrono::seconds(5));
  read(bob_, chat_, 4);
  read(bob_, chat_, 1);
  delivered(bob_, chat_, 3);
  const auto after = must(messenger_->load_conversation(bob_.id, chat_)).self;
  EXPECT_EQ(after.version, before.version);
  EXPECT_EQ(after.read_at, before.read_at);
}

TEST_P(ReceiptsContract, AnyOrderOfReceiptsEndsInTheSameState) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  send_many(alice_, chat_, 40);
  std::int64_t delivered_max = 0;
  std::int64_t read_max = 0;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t up_to = 1 + static_cast<std::int64_t>(random() % 40);
    const bool is_read = random() % 2 == 0;
    is_read ? read(bob_, chat_, up_to) : delivered(bob_, chat_, up_to);
    if (is_read) read_max = std::max(read_max, up_to);
    delivered_max = std::max(delivered_max, up_to);
    const auto view = must(messenger_->load_conversation(bob_.id, chat_));
    ASSERT_EQ(view.self.delivered, Seq{delivered_max});
    ASSERT_EQ(view.self.read, Seq{read_max});
    ASSERT_EQ(view.unread_count, 40 - read_max);
  }
}

TEST_P(ReceiptsContract, RefusesReceiptsForWhatIsNotThere) {
  send_many(alice_, chat_, 2);
  const auto attempt = [&](MessageState state, std::int64_t up_to) {
    return messenger_->mark(bob_.id, {chat_, state, Seq{up_to}});
  };
  EXPECT_TRUE(refuses(attempt(MessageState::read, 3), Code::invalid_argument, "seq"));
  EXPECT_TRUE(refuses(attempt(MessageState::read, 0), Code::invalid_argument, "seq"));
  EXPECT_TRUE(refuses(attempt(MessageState::sent, 1), Code::invalid_argument, "state"));
}

TEST_P(ReceiptsContract, AGroupMessageIsAsFarAsItsSlowestRecipient) {
  const auto id = group(alice_, {bob_.id, carol_.id});
  const auto message = send(alice_, id, "hi");
  delivered(bob_, id, 1);
  EXPECT_EQ(status(message.id).state, MessageState::sent);
  EXPECT_EQ(status(message.id).delivered_count, 1);
  delivered(carol_, id, 1);
  EXPECT_EQ(status(message.id).state, MessageState::delivered);
  read(bob_, id, 1);
  EXPECT_EQ(status(message.id).state, MessageState::delivered);
  EXPECT_EQ(status(message.id).read_count, 1);
  must(messenger_->remove_member(alice_.id, id, carol_.id));
  EXPECT_EQ(status(message.id).state, MessageState::read) << "who left is waited for no more";
}

TEST_P(ReceiptsContract, TellsPerRecipientWhen) {
  const auto id = group(alice_, {bob_.id, carol_.id});
  const auto first = send(alice_, id, "1");
  const auto second = send(alice_, id, "2");
  const auto t0 = now();
  advance(std::chrono::seconds(1));
  delivered(bob_, id, 1);
  advance(std::chrono::seconds(1));
  delivered(bob_, id, 2);
  advance(std::chrono::seconds(1));
  read(bob_, id, 2);
  const auto recipients = [&](const MessageId& message) {
    return must(messenger_->list_recipients(alice_.id, message, {})).items;
  };
  const auto one = recipients(first.id);
  ASSERT_EQ(one.size(), 2u);
  EXPECT_EQ(one[0].user, bob_.id);
  EXPECT_EQ(one[0].delivered_at, t0 + std::chrono::seconds(1));
  EXPECT_EQ(one[0].read_at, t0 + std::chrono::seconds(3));
  EXPECT_EQ(recipients(second.id)[0].delivered_at, t0 + std::chrono::seconds(2));
  EXPECT_EQ(one[1].user, carol_.id);
  EXPECT_EQ(one[1].state, MessageState::sent);
  EXPECT_FALSE(one[1].delivered_at || one[1].read_at);
}

TEST_P(ReceiptsContract, TellsExactlyWhenTheLatest32ReceiptsCameAndNoLaterThanOfOlder) {
  constexpr int kCount = 70;
  constexpr int kExact = 32;
  send_many(alice_, chat_, kCount);
  std::vector<Time> times;
  for (int i = 1; i <= kCount; ++i) {
    advance(std::chrono::seconds(1));
    times.push_back(now());
    read(bob_, chat_, i);
  }
  for (int i = 1; i <= kCount; ++i) {
    const auto recipients = must(messenger_->list_recipients(alice_.id, {chat_, Seq{i}}, {})).items;
    ASSERT_EQ(recipients.size(), 1u);
    const auto when = recipients[0].read_at;
    const Time exact = times[static_cast<std::size_t>(i - 1)];
    EXPECT_GE(when, exact) << i;
    EXPECT_LE(when, times.back()) << i;
    if (i > kCount - kExact) {
      EXPECT_EQ(when, exact) << i;
    }
    EXPECT_EQ(when, recipients[0].delivered_at) << i;
  }
}

TEST_P(ReceiptsContract, PagesTheRecipientsOfALargeGroup) {
  std::vector<UserId> others;
  for (int i = 0; i < 120; ++i) others.push_back(add_user("user" + std::to_string(i)).id);
  const auto id = group(alice_, others);
  for (int i = 0; i < 120; i += 3) {
    must(messenger_->remove_member(alice_.id, id, others[static_cast<std::size_t>(i)]));
  }
  const auto message = send(alice_, id, "x");
  std::vector<UserId> seen;
  PageRequest request{.limit = 7, .cursor = {}};
  while (true) {
    const auto page = must(messenger_->list_recipients(alice_.id, message.id, request));
    for (const auto& recipient : page.items) seen.push_back(recipient.user);
    if (!page.has_more) break;
    request.cursor = page.next;
  }
  EXPECT_EQ(seen.size(), 80u);
  EXPECT_EQ(status(message.id).recipient_count, 80);
}

/// Unread is derived from counters in the head and in the member; a recount is the judge.
TEST_P(ReceiptsContract, UnreadEqualsARecountWhateverHappens) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<User> users;
  for (int i = 0; i < 12; ++i) users.push_back(add_user("user" + std::to_string(i)));
  std::vector<UserId> ids;
  for (const auto& user : users) ids.push_back(user.id);
  const auto id = group(users[0], {ids.begin() + 1, ids.end()});
  std::int64_t last = 0;
  for (int step = 0; step < 600; ++step) {
    const auto& user = users[random() % users.size()];
    const auto view = must(messenger_->load_conversation(user.id, id));
    const auto dice = random() % 20;
    if (!view.self.active) {
      must(messenger_->add_member(users[0].id, id, user.id, Role::member));
    } else if (dice < 11) {
      last = to_int(send(user, id, "x").id.seq);
    } else if (dice == 19 && user.id != users[0].id) {
      must(messenger_->remove_member(users[0].id, id, user.id));
    } else if (last > 0) {
      const auto reach = dice < 15 ? last : 1 + static_cast<std::int64_t>(random()) % last;
      read(user, id, reach);
    }
    const auto now_view = must(messenger_->load_conversation(user.id, id));
    std::int64_t expected = 0;
    const auto until = to_int(now_view.conversation.last_seq);
    for (auto seq = to_int(now_view.self.read) + 1; seq <= until; ++seq) {
      const auto message = must(messenger_->load_message(user.id, {id, Seq{seq}}));
      if (message.sender != user.id) ++expected;
    }
    ASSERT_EQ(now_view.unread_count, expected) << "step " << step;
  }
}

MSG_FOR_EACH_BACKEND(ReceiptsContract);

}  // namespace
}  // namespace msg::test
