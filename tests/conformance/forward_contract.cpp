// SPDX-License-Identifier: Apache-2.0
#include "contract.h"
#include "event_log.h"

namespace msg::test {
namespace {

class ForwardContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");
  ConversationId from_ = direct(alice_, bob_);
  ConversationId to_ = group(alice_, {carol_.id});
  Message source_ = send(bob_, from_, "news");

  Result<Message> try_forward(const User& user, const MessageId& id, ConversationId to,
                              const std::string& client_id = {}) {
    return messenger_->forward(
        {.message = id, .sender = user.id, .conversation = to, .client_id = client_id});
  }
  Message forward(const User& user, const MessageId& id, ConversationId to,
                  const std::string& client_id = {}) {
    return must(try_forward(user, id, to, client_id));
  }
  Message load(const User& user, const MessageId& id) {
    return must(messenger_->load_message(user.id, id));
  }
};

TEST_P(ForwardContract, TheContentGoesAlongAndItsOriginIsTheSenders) {
  EventLog carols(*messenger_, carol_);
  const auto sent = forward(alice_, source_.id, to_);
  EXPECT_EQ(sent.content, "news");
  EXPECT_EQ(sent.sender, alice_.id);
  EXPECT_EQ(sent.forward, (Forward{.hops = 1, .origin = source_.id}));
  EXPECT_EQ(load(alice_, sent.id).forward, sent.forward);
  const Forward bare{.hops = 1, .origin = std::nullopt};
  EXPECT_EQ(load(carol_, sent.id).forward, bare);
  const auto page = must(messenger_->history(carol_.id, {.conversation = to_}));
  EXPECT_EQ(page.items[0].forward, bare);
  const auto sync = must(messenger_->sync(carol_.id, {}));
  EXPECT_EQ(sync.conversations[0].messages[0].forward, bare);
  EXPECT_EQ(sync.conversations[0].view.last_message->forward, bare);
  EXPECT_EQ(carols.all<MessageEvent>().at(0).message.content, "news");
  EXPECT_EQ(must(messenger_->load_conversation(carol_.id, to_)).unread_count, 1);
  EXPECT_EQ(load(alice_, source_.id).forward, std::nullopt);
}

TEST_P(ForwardContract, TheOriginIsForWhoMayReadBoth) {
  const auto sent = forward(alice_, source_.id, to_);
  EXPECT_EQ(must(messenger_->load_origin(alice_.id, sent.id)).id, source_.id);
  const auto absent = messenger_->load_origin(alice_.id, {to_, Seq{99}});
  const auto hidden = messenger_->load_origin(carol_.id, sent.id);
  EXPECT_TRUE(refuses(hidden, Code::not_found, "message_id"));
  EXPECT_EQ(hidden.error().detail, absent.error().detail) << "nothing tells them apart";
  EXPECT_TRUE(refuses(messenger_->load_origin(bob_.id, sent.id), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->load_origin(bob_.id, source_.id), Code::not_found));
  must(messenger_->delete_for_everyone(bob_.id, source_.id));
  EXPECT_TRUE(must(messenger_->load_origin(alice_.id, sent.id)).deleted);
  EXPECT_EQ(load(carol_, sent.id).content, "news") << "it is a message of its own";
}

TEST_P(ForwardContract, HopsAreCounted) {
  const auto once = forward(alice_, source_.id, to_);
  const auto twice = forward(carol_, once.id, direct(carol_, bob_));
  EXPECT_EQ(twice.forward, (Forward{.hops = 2, .origin = once.id}));
  EXPECT_TRUE(refuses(messenger_->load_origin(bob_.id, twice.id), Code::not_found));
}

TEST_P(ForwardContract, OnlyWhatOneMayReadAndSend) {
  EXPECT_TRUE(refuses(try_forward(carol_, source_.id, to_), Code::not_found, "conversation_id"));
  EXPECT_TRUE(refuses(try_forward(bob_, source_.id, to_), Code::not_found, "conversation_id"));
  EXPECT_TRUE(refuses(try_forward(alice_, {from_, Seq{2}}, to_), Code::not_found, "message_id"));
  Draft secret{.conversation = from_, .sender = alice_.id, .content = "x"};
  secret.kind = MessageKind::encrypted;
  EXPECT_TRUE(refuses(try_forward(alice_, must(messenger_->send(secret)).id, to_), Code::conflict));
  must(messenger_->delete_for_everyone(bob_.id, source_.id));
  EXPECT_TRUE(refuses(try_forward(alice_, source_.id, to_), Code::conflict));
  EXPECT_TRUE(refuses(try_forward(alice_, source_.id, to_, std::string(129, 'k')),
                      Code::invalid_argument, "client_id"));
  EXPECT_EQ(must(messenger_->history(alice_.id, {.conversation = to_})).items.size(), 0u);
}

TEST_P(ForwardContract, OnceForEachClientId) {
  const auto sent = forward(alice_, source_.id, to_, "key");
  must(messenger_->edit(bob_.id, {source_.id, "other news"}));
  EXPECT_EQ(forward(alice_, source_.id, to_, "key"), sent) << "the first answer again";
  const auto other = send(bob_, from_, "more");
  EXPECT_TRUE(refuses(try_forward(alice_, other.id, to_, "key"), Code::idempotency_conflict));
  EXPECT_TRUE(refuses(
      messenger_->send(
          {.conversation = to_, .sender = alice_.id, .content = "news", .client_id = "key"}),
      Code::idempotency_conflict));
  must(messenger_->delete_for_everyone(bob_.id, source_.id));
  EXPECT_EQ(forward(alice_, source_.id, to_, "key"), sent) << "there is nothing to forward now";
  EXPECT_TRUE(refuses(try_forward(alice_, source_.id, to_, "another"), Code::conflict));
  EXPECT_EQ(must(messenger_->history(alice_.id, {.conversation = to_})).items.size(), 1u);
}

TEST_P(ForwardContract, ADeletedOneDoesNotSayWhereItCameFrom) {
  const auto sent = forward(alice_, source_.id, to_);
  EXPECT_EQ(must(messenger_->delete_for_everyone(alice_.id, sent.id)).forward, std::nullopt);
  EXPECT_TRUE(refuses(messenger_->load_origin(alice_.id, sent.id), Code::not_found));
}

MSG_FOR_EACH_BACKEND(ForwardContract);

class DurableForwardContract : public ForwardContract {};

TEST_P(DurableForwardContract, SurvivesReopening) {
  const auto sent = forward(alice_, source_.id, to_);
  reopen();
  EXPECT_EQ(load(alice_, sent.id).forward, sent.forward);
}

MSG_FOR_EACH_DURABLE_BACKEND(DurableForwardContract);

}  // namespace
}  // namespace msg::test
