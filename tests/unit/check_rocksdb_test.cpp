// SPDX-License-Identifier: Apache-2.0
// Damage below the library: entries of the key/value layout that are changed, missing or too many.
#include "core/horizon.h"
#include "core/varint.h"
#include "msg/maintenance.h"
#include "msg/messenger.h"
#include "msg/moderation.h"
#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"
#include "store/kv/kv_layout.h"
#include "unit/rocksdb_fixture.h"

namespace msg::test {
namespace {

using testing::Contains;
using testing::HasSubstr;

class CheckRocksdb : public RocksdbFixture {
 protected:
  CheckRocksdb() {
    const auto messenger = must(msg::open(url()));
    const auto user = [&](const char* phone) {
      NewUser wanted;
      wanted.phone = phone;
      return must(messenger->register_user(wanted)).id;
    };
    alice_ = user("+14155550201");
    bob_ = user("+14155550202");
    chat_ = must(messenger->open_direct(alice_, bob_)).id;
    key_ = must(messenger->create_api_key("backend")).key.id;
    for (int i = 0; i < 5; ++i) {
      Draft draft;
      draft.conversation = chat_;
      draft.sender = alice_;
      draft.content = "x";
      draft.client_id = std::to_string(i);
      must(messenger->send(draft));
    }
  }

  std::string url() const { return "rocksdb:" + path_; }

  template <class Change>
  void change(Change make) const {
    auto engine = must(open_engine());
    auto batch = must(engine->begin());
    make(*batch);
    must(batch->commit());
  }
  std::vector<std::string> problems() const { return must(check_store(url())).problems; }
  std::string value_at(const std::string& key) const {
    auto engine = must(open_engine());
    std::string value;
    must(must(engine->view())->get(key, value));
    return value;
  }

  UserId alice_{};
  UserId bob_{};
  ConversationId chat_{};
  ApiKeyId key_{};
};

TEST_F(CheckRocksdb, AFlippedBitOfAMessageIsFoundAndTheRestIsLookedAt) {
  const auto key = kv::message_key(chat_, Seq{3});
  std::string value = value_at(key);
  value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
  change([&](KvBatch& batch) {
    must(batch.put(key, value));
    must(batch.erase(kv::message_key(chat_, Seq{4})));
  });
  EXPECT_THAT(problems(), Contains(HasSubstr("-3 cannot be read")));
  EXPECT_THAT(problems(), Contains(HasSubstr("message 4 is missing")));
  EXPECT_TRUE(refuses(copy_store(url(), "memory:"), Code::corrupt, "-3 cannot be read"));
}

TEST_F(CheckRocksdb, EntriesOfTheChangeIndexAreThoseOfTheMembers) {
  const auto member = must(must(must(open())->snapshot())->find_member(chat_, bob_)).value();
  change([&](KvBatch& batch) {
    must(batch.erase(kv::changed_member_key(chat_, member.version, bob_)));
    must(batch.put(kv::changed_member_key(chat_, Version{5}, alice_), ""));
  });
  EXPECT_THAT(problems(), Contains(HasSubstr("is missing")));
  EXPECT_THAT(problems(), Contains(HasSubstr("at version 5 leads to no member")));
}

TEST_F(CheckRocksdb, ASideRecordIsFoundByTheTimeAtWhichItExpires) {
  const Time soon{std::chrono::milliseconds{5}};
  const Time late{std::chrono::milliseconds{6}};
  const auto put = [&](const std::string& key) {
    auto store = must(open());
    auto transaction = must(store->begin());
    const Version last = must(transaction->last_version());
    must(transaction->put_side_record(
        {.kind = SideKind::ticket, .owner = 3, .key = key, .value = {}, .expires_at = soon}));
    must(transaction->commit(last));
  };
  put(std::string("a\0", 2));
  put("b");
  put("c");
  EXPECT_TRUE(problems().empty());
  change([&](KvBatch& batch) {
    must(batch.erase(kv::expiry_key(soon, SideKind::ticket, 3, "b")));
    must(batch.put(kv::expiry_key(late, SideKind::ticket, 3, "c"), {}));
    must(batch.put(kv::expiry_key(late, SideKind::ticket, 4, "c"), {}));
    must(batch.put(kv::side_key(SideKind::ticket, 3, "d"), "?"));
  });
  EXPECT_THAT(problems(), testing::UnorderedElementsAre(
                              HasSubstr("of owner 3 is not found by the time"),
                              HasSubstr("of owner 3 leads to one that expires at another time"),
                              HasSubstr("of owner 4 leads to one that does not exist"),
                              HasSubstr("of owner 3 cannot be read")));
}

TEST_F(CheckRocksdb, AFlippedBitOfAnEarlierContentIsFound) {
  {
    const auto messenger = must(msg::open(url()));
    must(messenger->edit(alice_, {.message = {chat_, Seq{2}}, .content = "y"}));
  }
  EXPECT_THAT(problems(), testing::IsEmpty());
  const auto key = kv::revisions_key({chat_, Seq{2}});
  std::string value = value_at(key);
  value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
  change([&](KvBatch& batch) { must(batch.put(key, value)); });
  EXPECT_THAT(problems(),
              Contains(HasSubstr("the history of edits of message " +
                                 to_string(MessageId{chat_, Seq{2}}) + " cannot be read")));
}

TEST_F(CheckRocksdb, AStoreHasTheLowestLayoutThatTellsTheTruthOfIt) {
  const auto layout = [&] { return must(kv::decode_number(value_at(kv::meta_key("layout")))); };
  EXPECT_EQ(layout(), kv::kFirstLayout);
  {
    const auto messenger = must(msg::open(url()));
    must(messenger->delete_for_everyone(alice_, {chat_, Seq{2}}));
  }
  EXPECT_EQ(layout(), kv::kChangesLayout);
  must(copy_store(url(), "rocksdb:" + path_ + "-copy"));
  path_ += "-copy";
  EXPECT_EQ(layout(), kv::kChangesLayout);
  {
    const auto messenger = must(msg::open(url()));
    const auto users = must(messenger->load_conversation(alice_, chat_)).conversation.direct_users;
    must(Moderation{*messenger}.block(users.at(0), users.at(1)));
  }
  EXPECT_EQ(layout(), kv::kRulesLayout);
  EXPECT_THAT(problems(), testing::IsEmpty());
}

TEST_F(CheckRocksdb, ASecretThatIsLostIsFound) {
  std::string value = value_at(kv::api_key_key(key_));
  const auto hash = must(kv::decode_hashed(value)).hash;
  change([&](KvBatch& batch) { must(batch.erase(kv::secret_key(hash))); });
  EXPECT_THAT(problems(), Contains(HasSubstr("is not found by its secret")));
}

TEST_F(CheckRocksdb, AMissingWriterRunIsFoundAndNotCopied) {
  std::string origin;  // a copy of a store in which all was written by the fourth
  for (std::size_t writer = 0; writer < kWritersMax; ++writer) {
    put_fixed64(origin, writer == 3 ? std::uint64_t{INT64_MAX} : 0);
  }
  const auto run = kv::writer_run_key(chat_, Version{0});
  change([&](KvBatch& batch) {
    must(batch.put(kv::meta_key("origin"), origin));
    must(batch.put(run, kv::encode_number(3)));
  });
  EXPECT_THAT(problems(), testing::IsEmpty());
  change([&](KvBatch& batch) { must(batch.erase(run)); });
  EXPECT_THAT(problems(), Contains(HasSubstr("its head cannot be read: no writer run says who")));
  EXPECT_TRUE(refuses(copy_store(url(), "memory:"), Code::corrupt, "no writer run says who"));
}

TEST_F(CheckRocksdb, WhatBelongsToNoConversationIsFound) {
  change([&](KvBatch& batch) {
    must(batch.put(kv::idempotency_key(ConversationId{77}, alice_, "x"),
                   kv::encode_idempotency({})));
    must(batch.put(kv::member_key(ConversationId{78}, alice_), "?"));
  });
  EXPECT_THAT(problems(), Contains("conversation 77: 1 rows of idempotency keys were not looked "
                                   "at: there is no such conversation."));
  EXPECT_THAT(problems(), Contains(HasSubstr("conversation 78: 1 rows of members")));
}

TEST_F(CheckRocksdb, ADamagedFileIsFound) {
  {
    auto engine = must(open_engine());
    ASSERT_TRUE(engine->database().Flush({}).ok());
  }
  {
    must(must(open())->check());
  }  // what was in the log is in files now
  const auto tables = files(".sst");
  ASSERT_FALSE(tables.empty());
  for (const auto& name : tables) {
    std::fstream file(path_ + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(0);
    char byte = 0;
    file.get(byte);
    file.seekp(0);
    file.put(static_cast<char>(byte ^ 1));
  }
  const auto report = check_store(url());
  if (report) {
    EXPECT_THAT(report->problems, Contains(HasSubstr("RocksDB: Corruption")));
  } else {
    EXPECT_EQ(report.error().code, Code::corrupt) << report.error().detail;
  }
}

}  // namespace
}  // namespace msg::test
