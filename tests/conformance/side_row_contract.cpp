// SPDX-License-Identifier: Apache-2.0
// Side records: small rows of a user, a conversation or a phone number, some of which expire.
#include "maintenance/copy_store.h"
#include "row_contract.h"

namespace msg::test::rows {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SideRowContract : public RowContract {
 protected:
  std::optional<SideRecord> find(const SideRecord& named) {
    return must(snapshot()->find_side_record(named.kind, named.owner, named.key));
  }
  std::vector<std::string> keys(std::int64_t owner, const std::string& after = {}, int limit = 10) {
    return each(must(snapshot()->list_side_records(SideKind::ticket, owner, after, limit)),
                &SideRecord::key);
  }
  int sweep(Time now, int limit) {
    int erased = 0;
    write([&](WriteTransaction& t) { erased = must(t.erase_expired(now, limit)); });
    return erased;
  }
  void expect_sound() {
    const CheckReport report = must(check_store(*store_, {}));
    EXPECT_THAT(report.problems, IsEmpty());
  }
};

SideRecord ticket(std::int64_t owner, std::string key, std::optional<Time> expires_at = {}) {
  return {.kind = SideKind::ticket,
          .owner = owner,
          .key = std::move(key),
          .value = std::string("a\0b\xff", 4),
          .expires_at = expires_at};
}

TEST_P(SideRowContract, ARecordComesBackAsItWasAndIsReplacedAndErased) {
  SideRecord record = ticket(-7, std::string("k\0\xff", 3), at(5));
  write([&](WriteTransaction& t) {
    EXPECT_FALSE(must(t.find_side_record(record.kind, record.owner, record.key)));
    must(t.put_side_record(record));
    EXPECT_EQ(must(t.find_side_record(record.kind, record.owner, record.key)), record);
  });
  EXPECT_EQ(find(record), record);
  record.value.clear();
  record.expires_at.reset();
  write([&](WriteTransaction& t) { must(t.put_side_record(record)); });
  EXPECT_EQ(find(record), record);
  EXPECT_FALSE(find(ticket(-7, "k")));
  EXPECT_FALSE(find(ticket(7, record.key)));
  write([&](WriteTransaction& t) {
    must(t.erase_side_record(SideKind::pin, record.owner, record.key));
    must(t.erase_side_record(SideKind::ticket, record.owner, "another"));
  });
  EXPECT_EQ(find(record), record);
  write([&](WriteTransaction& t) {
    must(t.erase_side_record(record.kind, record.owner, record.key));
    EXPECT_FALSE(must(t.find_side_record(record.kind, record.owner, record.key)));
  });
  EXPECT_FALSE(find(record));
  expect_sound();
}

TEST_P(SideRowContract, RecordsAreListedByTheBytesOfTheirKeys) {
  const std::string longest(kSideKeyMax, '\xff');
  write([&](WriteTransaction& t) {
    for (const std::string& key : {std::string("b"), longest, std::string("a"), std::string("B"),
                                   std::string("a\0", 2), std::string("ab")}) {
      must(t.put_side_record(ticket(1, key)));
    }
    must(t.put_side_record(ticket(2, "other")));
    SideRecord pin = ticket(1, "pin");
    pin.kind = SideKind::pin;
    must(t.put_side_record(pin));
  });
  EXPECT_THAT(keys(1), ElementsAre("B", "a", std::string("a\0", 2), "ab", "b", longest));
  EXPECT_THAT(keys(1, "a", 2), ElementsAre(std::string("a\0", 2), "ab"));
  EXPECT_THAT(keys(1, "b"), ElementsAre(longest));
  EXPECT_THAT(keys(1, longest), IsEmpty());
  EXPECT_THAT(keys(1, {}, 0), IsEmpty());
  EXPECT_THAT(keys(2), ElementsAre("other"));
  EXPECT_THAT(keys(3), IsEmpty());
}

TEST_P(SideRowContract, WhatExpiredIsErasedTheOldestFirstAndNothingElse) {
  write([&](WriteTransaction& t) {
    must(t.put_side_record(ticket(1, "c", at(30))));
    must(t.put_side_record(ticket(2, "a", at(10))));
    must(t.put_side_record(ticket(9, "b", at(20))));
    must(t.put_side_record(ticket(1, "never")));
    must(t.put_side_record(ticket(1, "later", at(10))));
  });
  write([&](WriteTransaction& t) { must(t.put_side_record(ticket(1, "later", at(31)))); });
  EXPECT_EQ(sweep(at(9), 10), 0);
  EXPECT_EQ(sweep(at(30), 2), 2);
  EXPECT_THAT(keys(1), ElementsAre("c", "later", "never"));
  EXPECT_THAT(keys(2), IsEmpty());
  EXPECT_EQ(sweep(at(30), 0), 0);
  EXPECT_EQ(sweep(at(30), 10), 1);
  EXPECT_EQ(sweep(at(30), 10), 0);
  EXPECT_THAT(keys(1), ElementsAre("later", "never"));
  expect_sound();
  EXPECT_EQ(sweep(at(1'000'000), 10), 1);
  EXPECT_THAT(keys(1), ElementsAre("never"));
  expect_sound();
}

TEST_P(SideRowContract, AnUndoneTransactionLeavesThemAlone) {
  write([&](WriteTransaction& t) { must(t.put_side_record(ticket(1, "a", at(1)))); });
  {
    auto transaction = must(store_->begin());
    must(transaction->lock_side_records({.kind = SideKind::ticket, .owner = 1}));
    must(transaction->put_side_record(ticket(1, "b", at(1))));
    EXPECT_EQ(must(transaction->erase_expired(at(2), 10)), 2);
    must(transaction->put_side_record(ticket(1, "c")));
  }
  EXPECT_THAT(keys(1), ElementsAre("a"));
  EXPECT_EQ(sweep(at(2), 10), 1);
}

TEST_P(SideRowContract, ACopyHasThemAll) {
  write([&](WriteTransaction& t) {
    must(t.put_side_record(ticket(1, "a", at(1))));
    must(t.put_side_record(ticket(1, std::string("\0", 1))));
    must(t.put_side_record(ticket(-5, "b", at(2))));
    User nobodys = user(kAda, {});
    must(t.put_user(nobodys, nullptr));
  });
  auto memory = must(open_store("memory:", {}));
  must(copy_store(*store_, *memory, {}));
  CopyReport report;
  must(compare_stores(*store_, *memory, {}, report));
  EXPECT_THAT(report.differences, IsEmpty());
  const auto found = must(memory->snapshot());
  EXPECT_EQ(must(found->find_side_record(SideKind::ticket, -5, "b")), ticket(-5, "b", at(2)));
  auto sweeping = must(memory->begin());
  EXPECT_EQ(must(sweeping->erase_expired(at(2), 10)), 2) << "with their times";
}

TEST_P(SideRowContract, AUserMayLoseThePhoneNumberToAnother) {
  const User before = user(kAda, "+14155550100", "ada");
  User without = before;
  without.phone.clear();
  write([&](WriteTransaction& t) { must(t.put_user(before, nullptr)); });
  write([&](WriteTransaction& t) {
    must(t.put_user(without, &before));
    must(t.put_user(user(kBob, "+14155550100"), nullptr));
  });
  EXPECT_EQ(must(snapshot()->find_phone("+14155550100")), kBob);
  EXPECT_FALSE(must(snapshot()->find_phone("")));
  EXPECT_EQ(fields(must(snapshot()->find_user(kAda)).value()), fields(without));

  User second = user(kCem, {});
  write([&](WriteTransaction& t) { must(t.put_user(second, nullptr)); });
  User after = without;
  after.phone = "+14155550200";
  write([&](WriteTransaction& t) { must(t.put_user(after, &without)); });
  EXPECT_EQ(must(snapshot()->find_phone("+14155550200")), kAda);
  expect_sound();
}

MSG_FOR_EACH_BACKEND(SideRowContract);

}  // namespace
}  // namespace msg::test::rows
