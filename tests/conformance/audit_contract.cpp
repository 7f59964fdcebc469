// SPDX-License-Identifier: Apache-2.0
// The audit trail: each act of an administrator once, with the act itself, for as long as it is
// kept.
#include <set>

#include "admin/audit_codec.h"
#include "conformance/row_contract.h"
#include "maintenance/copy_store.h"
#include "msg/administration.h"

namespace msg::test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class AuditContract : public Contract {
 protected:
  Administration operator_() { return {*messenger_, {}}; }
  Administration by(const NewApiKey& made) {
    return {*messenger_,
            {.key = must(messenger_->authenticate(made.secret)).key, .address = "192.0.2.7"}};
  }
  std::vector<AuditEntry> entries() { return must(operator_().list_audit({})).items; }
  std::vector<AdminAct> acts() {
    std::vector<AdminAct> acts;
    for (const auto& entry : entries()) acts.push_back(entry.act);
    return acts;
  }
};

TEST_P(AuditContract, EachActIsThereWithWhoWhatAndWhom) {
  const auto key = must(operator_().create_key("backend", KeyScopes{KeyScope::admin}));
  const User user = must(by(key).register_user({.phone = "+14155550100"}));
  must(by(key).update_user(user.id, {.phone = "+14155550101", .about = "secret words"}));
  const auto session = must(by(key).create_session(user.id, "Phone"));
  must(by(key).rename_session(user.id, session.session.id, "Desk"));
  must(by(key).revoke_session(user.id, session.session.id));
  must(operator_().revoke_key(key.key.id));

  const auto found = entries();
  EXPECT_THAT(acts(),
              ElementsAre(AdminAct::key_revoked, AdminAct::session_revoked,
                          AdminAct::session_renamed, AdminAct::session_created,
                          AdminAct::user_changed, AdminAct::user_created, AdminAct::key_created));
  const AuditEntry& first = found.back();
  EXPECT_EQ(first.by, std::nullopt);
  EXPECT_EQ(first.address, "");
  EXPECT_EQ(first.key, key.key.id);
  EXPECT_EQ(first.detail, "backend: admin");
  EXPECT_EQ(first.at, now());
  const AuditEntry& changed = found.at(4);
  EXPECT_EQ(changed.by, key.key.id);
  EXPECT_EQ(changed.by_name, "backend");
  EXPECT_EQ(changed.address, "192.0.2.7");
  EXPECT_EQ(changed.user, user.id);
  EXPECT_EQ(changed.detail, "phone about") << "which fields, not what they say";
  EXPECT_EQ(found.at(3).session, session.session.id);
  std::set<std::int64_t> ids;
  for (const auto& entry : found) ids.insert(entry.id);
  EXPECT_EQ(ids.size(), found.size());
}

TEST_P(AuditContract, WhatIsRefusedIsNotThere) {
  const User user = add_user("ann");
  const auto reader = must(messenger_->create_api_key("r", {KeyScope::read_metrics}));
  const auto actor = must(messenger_->create_api_key("a", {KeyScope::act_as_user}));
  for (const auto& key : {reader, actor}) {
    EXPECT_TRUE(refuses(by(key).create_session(user.id, ""), Code::permission_denied));
    EXPECT_TRUE(refuses(by(key).register_user({.phone = "+14155550109"}), Code::permission_denied));
    EXPECT_TRUE(refuses(by(key).list_audit({}), Code::permission_denied));
  }
  EXPECT_TRUE(refuses(by(reader).update_user(user.id, {.about = "x"}), Code::permission_denied));
  EXPECT_TRUE(refuses(operator_().register_user({.phone = user.phone}), Code::conflict));
  EXPECT_TRUE(refuses(operator_().revoke_session(user.id, SessionId{7}), Code::not_found));
  EXPECT_TRUE(refuses(operator_().revoke_key(ApiKeyId{7}), Code::not_found));
  EXPECT_TRUE(refuses(operator_().create_session(UserId{7}, ""), Code::not_found));
  EXPECT_THAT(entries(), IsEmpty());
  must(by(actor).update_user(user.id, {.about = "x"}));
  EXPECT_THAT(acts(), ElementsAre(AdminAct::user_changed));
}

TEST_P(AuditContract, PagesNeverOverlapAndNeverSkipWhileMoreIsDone) {
  const User user = add_user("ann");
  for (int i = 0; i < 25; ++i) must(operator_().create_session(user.id, ""));
  std::vector<std::int64_t> seen;
  PageRequest request{.limit = 10};
  while (true) {
    const auto page = must(operator_().list_audit(request));
    for (const auto& entry : page.items) seen.push_back(entry.id);
    EXPECT_EQ(page.has_prev, !request.cursor.empty());
    must(operator_().create_session(user.id, ""));  // above the page
    if (!page.has_more) break;
    request.cursor = page.next;
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
  EXPECT_TRUE(refuses(operator_().list_audit({.limit = 10, .cursor = "x"}), Code::invalid_argument,
                      "cursor"));
  const auto users = must(messenger_->list_users({.limit = 1}));
  EXPECT_TRUE(refuses(operator_().list_audit({.limit = 10, .cursor = users.next}),
                      Code::invalid_argument, "cursor"));
}

TEST_P(AuditContract, AnEntryIsKeptForFourHundredDays) {
  must(operator_().create_key("old", {}));
  advance(std::chrono::days(200));
  must(operator_().create_key("new", {}));
  advance(std::chrono::days(200) - std::chrono::milliseconds(1));
  EXPECT_EQ(entries().size(), 2u);
  advance(std::chrono::milliseconds(1));
  EXPECT_EQ(entries().size(), 1u);
  EXPECT_THAT(entries().front().detail, HasSubstr("new"));
}

TEST_P(AuditContract, ASwitchOfReceiptsByAKeyIsFollowedByWhoListens) {
  const User ann = add_user("ann");
  const User bob = add_user("bob");
  const auto chat = direct(ann, bob);
  must(operator_().update_user(bob.id, {.read_receipts = false}));
  send(ann, chat, "hi");
  read(bob, chat, 1);
  const auto status = must(messenger_->message_status(ann.id, {chat, Seq{1}}));
  EXPECT_EQ(status.state, MessageState::delivered);
}

MSG_FOR_EACH_BACKEND(AuditContract);

class AuditDurable : public AuditContract {};

TEST_P(AuditDurable, ScopesAndEntriesOutliveTheProcess) {
  const auto key = must(operator_().create_key("k", KeyScopes{KeyScope::read_metrics}));
  const auto before = entries();
  reopen();
  EXPECT_EQ(entries(), before);
  EXPECT_EQ(must(messenger_->authenticate(key.secret)).key->scopes,
            KeyScopes{KeyScope::read_metrics});
}

MSG_FOR_EACH_DURABLE_BACKEND(AuditDurable);

}  // namespace

class AuditRows : public rows::RowContract {};

TEST_P(AuditRows, ACheckReadsEachEntry) {
  const AuditEntry entry{.id = 5,
                         .at = rows::at(1),
                         .act = AdminAct::session_created,
                         .by = ApiKeyId{1},
                         .by_name = "k",
                         .address = "::1",
                         .user = UserId{2},
                         .session = SessionId{3}};
  SideRecord record = record_of(entry, rows::version(1), rows::at(100));
  EXPECT_EQ(must(decode_audit(record)), entry);
  const auto put = [&] { write([&](WriteTransaction& t) { must(t.put_side_record(record)); }); };
  put();
  EXPECT_THAT(must(check_store(*store_, {})).problems, IsEmpty());
  record.value.pop_back();
  put();
  EXPECT_THAT(must(check_store(*store_, {})).problems, ElementsAre(HasSubstr("malformed")));
}

MSG_FOR_EACH_BACKEND(AuditRows);

}  // namespace msg::test
