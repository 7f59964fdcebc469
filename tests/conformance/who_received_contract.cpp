// SPDX-License-Identifier: Apache-2.0
// Who has received or read a message, and who is not told.
#include <algorithm>

#include "contract.h"
#include "listener.h"

namespace msg::test {
namespace {

class WhoReceivedContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");

  Page<Receipt> receipts(const User& actor, const MessageId& id, MessageState state, int limit = 0,
                         const std::string& cursor = {}) {
    return must(messenger_->list_receipts(
        actor.id, {.message = id, .state = state, .limit = limit, .cursor = cursor}));
  }
  std::vector<Receipt> readers(const User& actor, const MessageId& id) {
    return receipts(actor, id, MessageState::read).items;
  }
  void switch_receipts(const User& user, bool on) {
    EXPECT_EQ(must(messenger_->update_user(user.id, {.read_receipts = on})).read_receipts, on);
  }
  Member member_of(const User& actor, ConversationId id, const User& of) {
    for (const auto& member : must(messenger_->list_members(actor.id, id, {})).items) {
      if (member.user == of.id) return member;
    }
    throw std::runtime_error("no such member");
  }
  MessageStatus status(const User& actor, const MessageId& id) {
    return must(messenger_->message_status(actor.id, id));
  }
  std::unique_ptr<Subscription> listen(const User& user, Listener& listener) {
    auto subscription = must(messenger_->subscribe(user.id, listener.handler()));
    EXPECT_TRUE(must(subscription->go_live(must(messenger_->sync_position()))));
    return subscription;
  }
};

TEST_P(WhoReceivedContract, TellsWhoAndWhenForEachState) {
  const auto id = group(alice_, {bob_.id, carol_.id});
  const auto message = send(alice_, id, "hi");
  const auto t0 = now();
  advance(std::chrono::seconds(1));
  delivered(bob_, id, 1);
  delivered(carol_, id, 1);
  advance(std::chrono::seconds(1));
  read(carol_, id, 1);
  EXPECT_EQ(receipts(alice_, message.id, MessageState::delivered).items,
            (std::vector<Receipt>{{bob_.id, t0 + std::chrono::seconds(1)},
                                  {carol_.id, t0 + std::chrono::seconds(1)}}));
  EXPECT_EQ(readers(bob_, message.id),
            (std::vector<Receipt>{{carol_.id, t0 + std::chrono::seconds(2)}}))
      << "any member may ask";
}

TEST_P(WhoReceivedContract, PagesThroughAGroupAndLooksAtABoundedPart) {
  std::vector<UserId> others;
  for (int i = 0; i < 60; ++i) others.push_back(add_user("user" + std::to_string(i)).id);
  const auto id = group(alice_, others);
  const auto message = send(alice_, id, "x");
  for (std::size_t i = 0; i < others.size(); i += 2) {
    must(messenger_->mark(others[i], {id, MessageState::read, Seq{1}}));
  }
  std::vector<UserId> seen;
  std::string cursor;
  for (int pages = 0;; ++pages) {
    ASSERT_LT(pages, 20);
    const auto page = receipts(alice_, message.id, MessageState::read, 7, cursor);
    EXPECT_LE(page.items.size(), 7u);
    EXPECT_EQ(page.has_prev, pages > 0);
    for (const auto& receipt : page.items) seen.push_back(receipt.user);
    cursor = page.next;
    if (!page.has_more) break;
  }
  EXPECT_EQ(seen.size(), 30u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_TRUE(receipts(alice_, message.id, MessageState::read, 7, cursor).items.empty());
}

TEST_P(WhoReceivedContract, RefusesBadRequests) {
  const auto id = group(alice_, {bob_.id});
  const auto message = send(alice_, id, "x");
  const auto ask = [&](UserId actor, ReceiptsRequest request) {
    return messenger_->list_receipts(actor, request);
  };
  EXPECT_TRUE(refuses(ask(alice_.id, {.message = message.id, .state = MessageState::sent}),
                      Code::invalid_argument, "state"));
  EXPECT_TRUE(refuses(ask(alice_.id, {.message = message.id, .limit = 201}), Code::invalid_argument,
                      "limit"));
  EXPECT_TRUE(refuses(ask(alice_.id, {.message = message.id, .cursor = "nonsense"}),
                      Code::invalid_argument, "cursor"));
  EXPECT_TRUE(refuses(ask(alice_.id, {.message = {id, Seq{2}}}), Code::not_found, "message_id"));
  EXPECT_TRUE(refuses(ask(carol_.id, {.message = message.id}), Code::not_found));
  const auto other =
      receipts(alice_, send(alice_, group(alice_, {bob_.id}), "y").id, MessageState::read);
  EXPECT_TRUE(refuses(ask(alice_.id, {.message = message.id, .cursor = other.next}),
                      Code::invalid_argument, "cursor"));
  must(messenger_->remove_member(alice_.id, id, bob_.id));
  EXPECT_TRUE(refuses(ask(bob_.id, {.message = message.id}), Code::permission_denied));
}

TEST_P(WhoReceivedContract, WithoutReadReceiptsNobodyLearnsWhatOneReads) {
  const auto chat = direct(alice_, bob_);
  const auto message = send(alice_, chat, "1");
  const auto before = must(messenger_->sync(alice_.id, {})).cursor;
  switch_receipts(bob_, false);
  delivered(bob_, chat, 1);
  const auto known = member_of(alice_, chat, bob_);
  const auto at_delivery = must(messenger_->sync(alice_.id, {.limit = 0, .cursor = before}));
  ASSERT_EQ(at_delivery.conversations.size(), 1u);
  Listener for_alice;
  Listener for_bob;
  const auto a = listen(alice_, for_alice);
  const auto b = listen(bob_, for_bob);
  advance(std::chrono::seconds(1));
  const auto own = must(messenger_->mark(bob_.id, {chat, MessageState::read, Seq{1}}));

  EXPECT_EQ(own.read, Seq{1}) << "one's own devices know";
  EXPECT_EQ(own.read_at, now());
  EXPECT_EQ(unread(bob_, chat), 0);
  ASSERT_EQ(for_bob.all<ReceiptEvent>().size(), 1u);
  EXPECT_EQ(for_bob.all<ReceiptEvent>()[0].member.read, Seq{1});
  const auto cursor = for_bob.events().back()->cursor;
  EXPECT_TRUE(
      must(messenger_->sync(bob_.id, {.limit = 0, .cursor = cursor})).conversations.empty());
  EXPECT_EQ(must(messenger_->sync(bob_.id, {.limit = 0, .cursor = at_delivery.cursor}))
                .conversations.at(0)
                .view.self.read,
            Seq{1});

  EXPECT_EQ(status(alice_, message.id).state, MessageState::delivered);
  EXPECT_EQ(status(alice_, message.id).read_count, 0);
  EXPECT_EQ(must(messenger_->history(alice_.id, {.conversation = chat})).items[0].state,
            MessageState::delivered);
  EXPECT_TRUE(readers(alice_, message.id).empty());
  const auto recipients = must(messenger_->list_recipients(alice_.id, message.id, {})).items;
  EXPECT_EQ(recipients.at(0).state, MessageState::delivered);
  EXPECT_FALSE(recipients[0].read_at);
  const auto shown = member_of(alice_, chat, bob_);
  EXPECT_EQ(shown.read, known.read);
  EXPECT_EQ(shown.read_at, known.read_at);
  EXPECT_EQ(shown.version, known.version) << "not even that something changed";
  EXPECT_TRUE(for_alice.events().empty());
  EXPECT_TRUE(must(messenger_->sync(alice_.id, {.limit = 0, .cursor = at_delivery.cursor}))
                  .conversations.empty());
}

TEST_P(WhoReceivedContract, WhoGivesNoReadReceiptsGetsNone) {
  const auto id = group(alice_, {bob_.id, carol_.id});
  const auto message = send(alice_, id, "1");
  const auto start = must(messenger_->sync_position());
  switch_receipts(alice_, false);
  Listener for_alice;
  const auto a = listen(alice_, for_alice);
  delivered(bob_, id, 1);
  read(bob_, id, 1);
  read(carol_, id, 1);
  EXPECT_EQ(status(alice_, message.id).state, MessageState::delivered);
  EXPECT_EQ(status(alice_, message.id).delivered_count, 2);
  EXPECT_EQ(status(alice_, message.id).read_count, 0);
  EXPECT_TRUE(readers(alice_, message.id).empty());
  EXPECT_EQ(receipts(alice_, message.id, MessageState::delivered).items.size(), 2u);
  EXPECT_EQ(member_of(alice_, id, carol_).read, Seq{0});
  EXPECT_EQ(member_of(alice_, id, carol_).delivered, Seq{1});
  EXPECT_EQ(must(messenger_->load_message(alice_.id, message.id)).state, MessageState::delivered);
  const auto events = for_alice.all<ReceiptEvent>();
  ASSERT_EQ(events.size(), 2u) << "of bob's and carol's delivery";
  for (const auto& event : events) {
    EXPECT_EQ(event.member.read, Seq{0});
    EXPECT_FALSE(event.member.read_at);
    EXPECT_EQ(event.member.delivered, Seq{1});
  }
  const auto page = must(messenger_->sync(alice_.id, {.limit = 0, .cursor = start}));
  for (const auto& member : page.conversations.at(0).members) EXPECT_EQ(member.read, Seq{0});
  EXPECT_EQ(readers(bob_, message.id).size(), 2u) << "others are told as before";

  switch_receipts(alice_, true);
  EXPECT_EQ(status(alice_, message.id).state, MessageState::read);
  EXPECT_EQ(member_of(alice_, id, carol_).read, Seq{1});
  send(bob_, id, "2");
  read(carol_, id, 2);
  EXPECT_EQ(for_alice.all<ReceiptEvent>().back().member.read, Seq{2});
}

TEST_P(WhoReceivedContract, TheSwitchTakesNoReceiptBackAndGivesNoneLater) {
  const auto chat = direct(alice_, bob_);
  send_many(alice_, chat, 4);
  read(bob_, chat, 1);
  switch_receipts(bob_, false);
  EXPECT_EQ(member_of(alice_, chat, bob_).read, Seq{1}) << "what was given stays";
  advance(std::chrono::seconds(10));
  read(bob_, chat, 3);
  switch_receipts(bob_, true);
  EXPECT_EQ(member_of(alice_, chat, bob_).read, Seq{1}) << "what was read meanwhile stays hidden";
  EXPECT_EQ(status(alice_, {chat, Seq{3}}).state, MessageState::delivered);
  advance(std::chrono::seconds(10));
  read(bob_, chat, 2);
  EXPECT_EQ(member_of(alice_, chat, bob_).read, Seq{2}) << "a receipt given now is given";
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, chat)).self.read, Seq{3});
  read(bob_, chat, 4);
  EXPECT_EQ(status(alice_, {chat, Seq{3}}).state, MessageState::read);
  EXPECT_EQ(must(messenger_->list_recipients(alice_.id, {chat, Seq{3}}, {})).items[0].read_at,
            now())
      << "at the time of the receipt, not of the reading";
}

TEST_P(WhoReceivedContract, ReadingEverythingKeepsThePrivacy) {
  const auto chat = direct(alice_, bob_);
  send_many(alice_, chat, 2);
  switch_receipts(bob_, false);
  EXPECT_EQ(must(messenger_->mark_all_read(bob_.id)), 1);
  EXPECT_EQ(unread(bob_, chat), 0);
  EXPECT_EQ(status(alice_, {chat, Seq{2}}).state, MessageState::delivered);
}

MSG_FOR_EACH_BACKEND(WhoReceivedContract);

}  // namespace
}  // namespace msg::test
