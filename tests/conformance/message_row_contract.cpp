// SPDX-License-Identifier: Apache-2.0
#include "conformance/row_contract.h"

namespace msg::test::rows {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MessageRowContract : public RowContract {};
class TransactionContract : public RowContract {};
class DurableRowContract : public RowContract {};

TEST_P(MessageRowContract, MessagesComeBackAsTheyWere) {
  Message full = message(kRoom, 1, "key-1");
  full.kind = MessageKind::encrypted;
  full.content = std::string(64 * 1024, 'x') + "ğ 🙂";
  // PostgreSQL's text has no zero byte; the Messenger lets none through.
  if (!GetParam().shared) full.content += '\0';
  full.reply_to = Seq{1};
  full.timestamp = at(-5);
  full.edited_at = at(99);
  full.deleted = true;
  Message bare = message(kRoom, 2);
  bare.content.clear();
  append(full);
  append(bare);
  auto s = snapshot();
  EXPECT_EQ(fields(must(s->find_message(full.id)).value()), fields(full));
  EXPECT_EQ(fields(must(s->find_message(bare.id)).value()), fields(bare));
  EXPECT_FALSE(must(s->find_message({kRoom, Seq{3}})));
  EXPECT_FALSE(must(s->find_message({kNextRoom, Seq{1}})));
}

TEST_P(MessageRowContract, AChangedMessageComesBackAndIsListedByItsLastChange) {
  append_many(kRoom, 5);
  append_many(kNextRoom, 1);
  const auto change = [&](const Message& previous, std::int64_t ms) {
    Message changed = previous;
    changed.content = "changed at " + std::to_string(ms);
    changed.changed = version(ms);
    changed.edited_at = at(ms);
    write([&](WriteTransaction& t) { must(t.put_message(changed, previous)); });
    return changed;
  };
  change(message(kRoom, 4), 1000);
  const Message once = change(message(kRoom, 2), 1001);
  const Message twice = change(once, 1002);
  Message stone = message(kRoom, 5, "key");
  stone.content.clear();
  stone.deleted = true;
  stone.changed = version(1003);
  write([&](WriteTransaction& t) { must(t.put_message(stone, message(kRoom, 5))); });
  change(message(kNextRoom, 1), 1001);

  auto s = snapshot();
  EXPECT_EQ(fields(must(s->find_message(twice.id)).value()), fields(twice));
  EXPECT_TRUE(must(s->find_message(stone.id))->deleted);
  const auto changes = [&](std::int64_t after, int limit) {
    return must(s->list_message_changes(kRoom, version(after), limit));
  };
  using Change = MessageChange;
  const Change fourth{version(1000), Seq{4}};
  const Change second{version(1002), Seq{2}};
  const Change fifth{version(1003), Seq{5}};
  EXPECT_THAT(changes(999, 9), ElementsAre(fourth, second, fifth));
  EXPECT_THAT(changes(1000, 9), ElementsAre(second, fifth));
  EXPECT_THAT(changes(999, 1), ElementsAre(fourth));
  EXPECT_THAT(changes(1003, 9), IsEmpty());
  EXPECT_EQ(must(s->find_seq_after(kRoom, version(20))), Seq{3}) << "its place in time stays";
}

TEST_P(MessageRowContract, RevisionsComeBackAsTheyWere) {
  RevisionsRow row{.message = {kRoom, Seq{2}}, .dropped_up_to = version(1), .revisions = {}};
  for (int i = 2; i < 6; ++i) {
    row.revisions.push_back({.by = i % 2 == 0 ? kAda : kBob,
                             .version = version(i),
                             .at = at(i),
                             .deletion = i == 5,
                             .content = "Ağaç 🙂 " + std::string(3000, 'x')});
  }
  write([&](WriteTransaction& t) { must(t.put_revisions({row.message, {}, {}})); });
  write([&](WriteTransaction& t) { must(t.put_revisions(row)); });
  auto s = snapshot();
  EXPECT_EQ(must(s->find_revisions(row.message)), row);
  EXPECT_FALSE(must(s->find_revisions({kRoom, Seq{1}})));
  EXPECT_FALSE(must(s->find_revisions({kNextRoom, Seq{2}})));
}

TEST_P(MessageRowContract, AMessageMayBeChangedInTheWriteThatAppendsIt) {
  const Message sent = message(kRoom, 1);
  write([&](WriteTransaction& t) {
    must(t.append_message(sent, {{}, Seq{1}}));
    for (int i = 0; i < 3; ++i) {
      const Message previous = must(t.find_message(sent.id)).value();
      Message changed = previous;
      changed.content += '!';
      changed.changed = version(100 + i);
      must(t.put_message(changed, previous));
    }
  });
  EXPECT_EQ(must(snapshot()->find_message(sent.id))->content, sent.content + "!!!");
  EXPECT_EQ(must(snapshot()->list_message_changes(kRoom, {}, 9)).size(), 1u);
}

TEST_P(MessageRowContract, EveryKindOfMessageComesBack) {
  for (int kind = 0; kind <= static_cast<int>(MessageKind::encrypted); ++kind) {
    Message sent = message(kRoom, kind + 1);
    sent.kind = static_cast<MessageKind>(kind);
    append(sent);
    EXPECT_EQ(must(snapshot()->find_message(sent.id)).value().kind, sent.kind);
  }
}

TEST_P(MessageRowContract, ManyMessagesAreFoundInTheOrderTheyAreAskedFor) {
  const ConversationId last_room{4'002};
  append_many(kRoom, 3);
  append_many(kNextRoom, 2);
  append_many(last_room, 1);
  auto s = snapshot();
  const std::vector<MessageId> ids{
      {last_room, Seq{1}}, {kRoom, Seq{4}}, {kRoom, Seq{3}}, {kRoom, Seq{1}},
      {kNextRoom, Seq{2}}, {kRoom, Seq{3}}, {kRoom, Seq{0}}, {ConversationId{1}, Seq{1}}};
  const auto found = must(s->find_messages(ids));
  ASSERT_EQ(found.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool exists = i != 1 && i < 6;
    ASSERT_EQ(found[i].has_value(), exists) << i;
    if (exists) {
      EXPECT_EQ(fields(*found[i]), fields(message(ids[i].conversation, to_int(ids[i].seq))));
    }
  }
  EXPECT_THAT(must(s->find_messages({})), IsEmpty());
}

TEST_P(MessageRowContract, MessagesAreListedInBothOrders) {
  append_many(kRoom, 300);
  append_many(kNextRoom, 3);
  auto s = snapshot();
  const auto listed = [&](std::int64_t from, std::int64_t to, int limit, Order order) {
    return seqs(must(s->list_messages(kRoom, Seq{from}, Seq{to}, limit, order)));
  };
  EXPECT_THAT(listed(254, 258, 10, Order::oldest_first), ElementsAre(254, 255, 256, 257, 258));
  EXPECT_THAT(listed(254, 258, 2, Order::oldest_first), ElementsAre(254, 255));
  EXPECT_THAT(listed(254, 258, 2, Order::newest_first), ElementsAre(258, 257));
  EXPECT_THAT(listed(0, 2, 10, Order::newest_first), ElementsAre(2, 1));
  EXPECT_THAT(listed(299, INT64_MAX, 10, Order::oldest_first), ElementsAre(299, 300));
  EXPECT_THAT(listed(1, INT64_MAX, 1, Order::newest_first), ElementsAre(300));
  EXPECT_THAT(listed(301, INT64_MAX, 10, Order::newest_first), IsEmpty());
  EXPECT_THAT(listed(5, 4, 10, Order::oldest_first), IsEmpty());
}

TEST_P(MessageRowContract, TheFirstMessageAfterAMomentIsFoundWhereverItLies) {
  const std::int64_t count = 3 * kTimeMarkInterval + 5;
  append_many(kRoom, count);
  append_many(kNextRoom, count + 200);
  auto s = snapshot();
  EXPECT_EQ(must(s->find_seq_after(kRoom, Version{0})), Seq{1});
  for (std::int64_t seq = 1; seq <= count; ++seq) {
    EXPECT_EQ(must(s->find_seq_after(kRoom, Version{to_int(version(seq * 10)) - 1})), Seq{seq});
  }
  for (std::int64_t seq = 1; seq < count; ++seq) {
    EXPECT_EQ(must(s->find_seq_after(kRoom, version(seq * 10))), Seq{seq + 1});
  }
  EXPECT_FALSE(must(s->find_seq_after(kRoom, version(count * 10))));
  EXPECT_FALSE(must(s->find_seq_after(kRoom, Version{INT64_MAX})));
}

TEST_P(MessageRowContract, AnIdempotencyKeyBelongsToASenderInAConversation) {
  const Message sent = message(kRoom, 1, "Key~1");
  IdempotencyRow row{.request_hash = {}, .seq = Seq{1}};
  row.request_hash.fill(0xfe);
  row.request_hash.back() = 0;
  write([&](WriteTransaction& t) {
    must(t.append_message(sent, row));
    must(t.append_message(message(kRoom, 2), {{}, Seq{2}}));
  });
  auto s = snapshot();
  const auto found = must(s->find_idempotency(kRoom, kAda, "Key~1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->request_hash, row.request_hash);
  EXPECT_EQ(found->seq, row.seq);
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kBob, "Key~1")));
  EXPECT_FALSE(must(s->find_idempotency(kNextRoom, kAda, "Key~1")));
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "key~1")));
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "Key~")));
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "")));
}

/// With all that few messages have.
Message with_extras(Message message, int i) {
  message.mentions = {kBob, UserId{INT64_MAX}};
  message.forward = Forward{.hops = 3, .origin = MessageId{kNextRoom, Seq{7}}};
  message.reactions = {{.emoji = "👍", .count = 1000 + i}, {.emoji = "x", .count = 1}};
  message.pin = Pin{.by = kCem, .version = version(i), .at = at(i)};
  return message;
}

TEST_P(MessageRowContract, ExtrasComeBackAsTheyWere) {
  const Message sent = with_extras(message(kRoom, 1), 1);
  Message changed = with_extras(message(kRoom, 2), 2);
  changed.changed = version(500);
  Message bare = changed;
  bare.mentions.clear();
  bare.forward.reset();
  bare.reactions.clear();
  bare.pin.reset();
  bare.changed = version(501);
  write([&](WriteTransaction& t) {
    must(t.append_message(sent, {{}, Seq{1}}));
    must(t.append_message(message(kRoom, 2), {{}, Seq{2}}));
    must(t.append_message(message(kRoom, 3), {{}, Seq{3}}));
    EXPECT_EQ(must(t.find_message(sent.id)), sent);
  });
  write([&](WriteTransaction& t) { must(t.put_message(changed, message(kRoom, 2))); });
  EXPECT_EQ(must(snapshot()->find_message(sent.id)), sent);
  EXPECT_EQ(must(snapshot()->find_message(changed.id)), changed);
  EXPECT_EQ(must(snapshot()->find_message({kRoom, Seq{3}})), message(kRoom, 3));
  write([&](WriteTransaction& t) { must(t.put_message(bare, changed)); });
  EXPECT_EQ(must(snapshot()->find_message(changed.id)), bare);
}

AnnotationRow annotation(Seq seq, UserId user, int count) {
  AnnotationRow row{.message = {kRoom, seq}, .user = user, .hidden = version(7), .reactions = {}};
  for (int i = 0; i < count; ++i) {
    row.reactions.push_back(
        {.emoji = "👍" + std::to_string(i), .version = version(i), .at = at(i)});
  }
  return row;
}

TEST_P(MessageRowContract, AnnotationsAreFoundByMessageAndUser) {
  const auto ada = annotation(Seq{2}, kAda, 2);
  const auto cem = annotation(Seq{2}, kCem, 0);
  const auto other = annotation(Seq{3}, kAda, 1);
  write([&](WriteTransaction& t) {
    for (const auto& row : {cem, annotation(Seq{2}, kAda, 9), other, ada}) {
      must(t.put_annotation(row));
    }
    const std::array ids{ada.message};
    EXPECT_THAT(must(t.find_annotations(ids, kAda)), ElementsAre(ada));
  });
  auto s = snapshot();
  const std::array ids{MessageId{kRoom, Seq{1}}, other.message, ada.message};
  EXPECT_THAT(must(s->find_annotations(ids, kAda)), ElementsAre(std::nullopt, other, ada));
  EXPECT_THAT(must(s->find_annotations({}, kAda)), IsEmpty());
  const auto list = [&](UserId after, int limit) {
    return must(s->list_annotations(ada.message, after, limit));
  };
  EXPECT_THAT(list(UserId{}, 9), ElementsAre(ada, cem));
  EXPECT_THAT(list(UserId{}, 1), ElementsAre(ada));
  EXPECT_THAT(list(kAda, 9), ElementsAre(cem));
  EXPECT_THAT(list(kCem, 9), IsEmpty());
  s.reset();
  write([&](WriteTransaction& t) {
    must(t.put_annotation({ada.message, kAda, {}, {}}));
    must(t.put_annotation({ada.message, kBob, {}, {}}));
  });
  EXPECT_THAT(must(snapshot()->list_annotations(ada.message, UserId{}, 9)), ElementsAre(cem));
}

TEST_P(MessageRowContract, AForgottenRequestKeepsItsPlace) {
  IdempotencyRow row{.request_hash = {}, .seq = Seq{1}};
  row.request_hash.fill(0x5a);
  const IdempotencyRow forgotten{.request_hash = kForgottenRequest, .seq = Seq{1}};
  write([&](WriteTransaction& t) {
    must(t.append_message(message(kRoom, 1, "k"), row));
    must(t.append_message(message(kRoom, 2, "l"), {row.request_hash, Seq{2}}));
    must(t.append_message(message(kRoom, 3), {{}, Seq{3}}));
  });
  write([&](WriteTransaction& t) {
    must(t.forget_request(message(kRoom, 1, "k")));
    must(t.forget_request(message(kRoom, 3)));
    EXPECT_EQ(must(t.find_idempotency(kRoom, kAda, "k")), forgotten);
    EXPECT_EQ(must(t.append_message(message(kRoom, 4, "k"), {{}, Seq{4}})), forgotten);
  });
  auto s = snapshot();
  EXPECT_EQ(must(s->find_idempotency(kRoom, kAda, "k")), forgotten);
  EXPECT_EQ(must(s->find_idempotency(kRoom, kAda, "l"))->request_hash, row.request_hash);
  EXPECT_FALSE(must(s->find_idempotency(kRoom, kAda, "")));
}

TEST_P(MessageRowContract, AMessageWhoseKeyIsTakenIsNotPut) {
  IdempotencyRow row{.request_hash = {}, .seq = Seq{1}};
  row.request_hash.fill(0x5a);
  write([&](WriteTransaction& t) {
    EXPECT_FALSE(must(t.append_message(message(kRoom, 1, "k"), row)));
    // In the write that took it, and in a later one.
    EXPECT_EQ(must(t.append_message(message(kRoom, 2, "k"), {{}, Seq{2}})), row);
  });
  write([&](WriteTransaction& t) {
    EXPECT_EQ(must(t.append_message(message(kRoom, 2, "k"), {{}, Seq{2}})), row);
    EXPECT_FALSE(must(t.append_message(message(kRoom, 2, "l"), {{}, Seq{2}})));
  });
  auto s = snapshot();
  EXPECT_EQ(must(s->find_idempotency(kRoom, kAda, "k")), row);
  EXPECT_EQ(must(s->find_message({kRoom, Seq{2}}))->client_id, "l");
}

TEST_P(TransactionContract, AWriteSeesItselfAndNobodyElseDoesBeforeItsCommit) {
  auto before = snapshot();
  auto transaction = must(store_->begin());
  must(transaction->put_conversation(group(kRoom), true));
  must(transaction->append_message(message(kRoom, 1, "k"), {{}, Seq{1}}));
  EXPECT_TRUE(must(transaction->find_conversation(kRoom)));
  EXPECT_EQ(seqs(must(transaction->list_messages(kRoom, Seq{1}, Seq{9}, 9, Order::oldest_first))),
            std::vector<std::int64_t>{1});
  EXPECT_TRUE(must(transaction->find_idempotency(kRoom, kAda, "k")));
  EXPECT_TRUE(must(transaction->find_messages(std::vector{MessageId{kRoom, Seq{1}}})).front());
  must(transaction->put_member(member(kRoom, kAda, version(1)), nullptr));
  EXPECT_TRUE(must(transaction->find_participation(kRoom, kAda)));
  EXPECT_FALSE(must(snapshot()->find_conversation(kRoom)));

  must(transaction->commit(version(50)));
  EXPECT_FALSE(must(before->find_conversation(kRoom)));
  if (GetParam().is_one_view) {
    EXPECT_FALSE(must(before->find_message({kRoom, Seq{1}})));
  }
  EXPECT_EQ(must(before->last_version()), Version{0});
  EXPECT_TRUE(must(snapshot()->find_conversation(kRoom)));
  EXPECT_EQ(must(snapshot()->last_version()), version(50));
}

TEST_P(TransactionContract, ALateSnapshotKeepsTheViewOfItsFirstQuestion) {
  {
    const auto unused = must(store_->late_snapshot());
  }
  auto late = must(store_->late_snapshot());
  EXPECT_FALSE(must(late->find_conversation(kRoom)));
  write([&](WriteTransaction& t) {
    must(t.put_conversation(group(kRoom), true));
    must(t.put_member(member(kRoom, kAda, version(1)), nullptr));
    must(t.append_message(message(kRoom, 1), {{}, Seq{1}}));
  });
  EXPECT_FALSE(must(late->find_conversation(kRoom)));
  EXPECT_FALSE(must(late->find_participation(kRoom, kAda)));
  if (GetParam().is_one_view) {
    EXPECT_FALSE(must(late->find_messages(std::vector{MessageId{kRoom, Seq{1}}})).front());
  }
  EXPECT_EQ(must(late->last_version()), Version{0});
  EXPECT_EQ(must(late->horizon()), Horizon{});
  EXPECT_TRUE(must(must(store_->late_snapshot())->find_participation(kRoom, kAda)));
}

TEST_P(TransactionContract, AnAbandonedWriteLeavesNothing) {
  {
    auto transaction = must(store_->begin());
    must(transaction->put_user(user(kAda, "+14155550100", "ada"), nullptr));
    must(transaction->append_message(message(kRoom, 1, "k"), {{}, Seq{1}}));
  }
  EXPECT_FALSE(must(snapshot()->find_phone("+14155550100")));
  EXPECT_FALSE(must(snapshot()->find_message({kRoom, Seq{1}})));
  EXPECT_EQ(must(snapshot()->last_version()), Version{0});
  append(message(kRoom, 1, "k"));  // The next write is whole again.
  EXPECT_TRUE(must(snapshot()->find_message({kRoom, Seq{1}})));
}

TEST_P(TransactionContract, EachStoreHasAnIdentityOfItsOwn) {
  const auto other_directory = directory_ / "other";
  std::filesystem::create_directory(other_directory);
  const auto other = must(open_store(GetParam().url(other_directory), {}));
  EXPECT_GT(store_->identity().epoch, 0);
  EXPECT_NE(store_->identity().epoch, other->identity().epoch);
  EXPECT_NE(store_->identity().cursor_secret, other->identity().cursor_secret);
  EXPECT_TRUE(store_->check());
}

TEST_P(DurableRowContract, RowsAndIdentitySurviveReopening) {
  append_many(kRoom, 200);
  write([&](WriteTransaction& t) { must(t.put_conversation(group(kRoom), true)); });
  const StoreIdentity identity = store_->identity();
  reopen();
  EXPECT_EQ(store_->identity().epoch, identity.epoch);
  EXPECT_EQ(store_->identity().cursor_secret, identity.cursor_secret);
  EXPECT_EQ(must(snapshot()->last_version()), last_);
  EXPECT_EQ(must(snapshot()->find_conversation(kRoom)), group(kRoom));
  EXPECT_EQ(must(snapshot()->find_seq_after(kRoom, version(1990))), Seq{200});
}

MSG_FOR_EACH_BACKEND(MessageRowContract);
MSG_FOR_EACH_BACKEND(TransactionContract);
MSG_FOR_EACH_DURABLE_BACKEND(DurableRowContract);

}  // namespace
}  // namespace msg::test::rows
