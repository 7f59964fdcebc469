// SPDX-License-Identifier: Apache-2.0
#include "raw_rocksdb.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstdio>
#include <cstdlib>

#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"

namespace msg::bench {
namespace {

constexpr ConversationId kRoom{7'000'000'000'000};
constexpr UserId kSender{7'000'000'000'001};

void must(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "raw rocksdb: %s\n", status.ToString().c_str());
  std::exit(1);
}

}  // namespace

struct RawRocksdb::State {
  std::unique_ptr<rocksdb::DB> database;
  rocksdb::WriteBatch batch;
  std::string message;
  std::string idempotency;
  std::string head;
  std::int64_t seq = 0;
};

RawRocksdb::RawRocksdb(const std::string& directory) : state_(std::make_unique<State>()) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  must(rocksdb::DB::Open(options, directory, &opened));
  state_->database.reset(opened);

  Message message;
  message.id = {.conversation = kRoom, .seq = Seq{1}};
  message.content = std::string(200, 'x');
  message.client_id = "key-100000";
  message.version = Version{std::int64_t{1'800'000'000'000} << 16};
  message.created_at = time_of(message.version);
  state_->message = kv::encode_message(message);
  state_->idempotency = kv::encode_idempotency({.request_hash = {}, .seq = Seq{100'000}});
  ConversationRow head;
  head.senders = {{kSender, 100'000}};
  head.created_at = message.created_at;
  state_->head = kv::encode_conversation(head);
}

RawRocksdb::~RawRocksdb() = default;

int RawRocksdb::write(int batch) {
  State& s = *state_;
  s.batch.Clear();
  for (int i = 0; i < batch; ++i) {
    ++s.seq;
    const std::string key = "key-" + std::to_string(s.seq);
    must(s.batch.Put(kv::message_key(kRoom, Seq{s.seq}), s.message));
    must(s.batch.Put(kv::idempotency_key(kRoom, kSender, key), s.idempotency));
  }
  must(s.batch.Put(kv::head_key(kRoom), s.head));
  must(s.batch.Put(kv::meta_key("last_version"), kv::encode_number(s.seq)));
  rocksdb::WriteOptions options;
  options.sync = true;
  must(s.database->Write(options, &s.batch));
  return batch;
}

}  // namespace msg::bench
