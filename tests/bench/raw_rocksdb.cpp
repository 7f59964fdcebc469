// SPDX-License-Identifier: Apache-2.0
#include "raw_rocksdb.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kv_sample.h"
#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"

namespace msg::bench {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{256} << 20;

void must(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "raw rocksdb: %s\n", status.ToString().c_str());
  std::exit(1);
}

}  // namespace

struct RawRocksdb::State {
  explicit State(int rooms) : numbering{rooms} {}

  void commit() {
    rocksdb::WriteOptions options;
    options.sync = true;
    must(database->Write(options, &batch));
    batch.Clear();
  }
  void read(const std::string& key) {
    must(database->Get({}, database->DefaultColumnFamily(), key, &page.emplace_back()));
  }

  KvSample sample;
  Numbering numbering;
  std::unique_ptr<rocksdb::DB> database;
  rocksdb::WriteBatch batch;
  std::vector<std::string> page;
};

RawRocksdb::RawRocksdb(const std::string& directory, int rooms)
    : state_(std::make_unique<State>(rooms)) {
  State& s = *state_;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* opened = nullptr;
  must(rocksdb::DB::Open(options, directory, &opened));
  s.database.reset(opened);
  for (int i = 0; i < rooms; ++i) {
    must(s.batch.Put(kv::membership_key(kRawUser, raw_room(i)), s.sample.membership));
    must(s.batch.Put(kv::member_key(raw_room(i), kRawUser), s.sample.member));
  }
  s.commit();
}

RawRocksdb::~RawRocksdb() = default;

void RawRocksdb::write(int batch) {
  State& s = *state_;
  for (int i = 0; i < batch; ++i) {
    const auto number = s.numbering.count;
    const auto [room, seq] = s.numbering.next();
    const ConversationId id = raw_room(room);
    const std::string key = "key-" + std::to_string(number);
    must(s.batch.Put(kv::message_key(id, Seq{seq}), s.sample.message(number)));
    must(s.batch.Put(kv::idempotency_key(id, kRawUser, key), s.sample.idempotency));
    if (i < s.numbering.rooms) must(s.batch.Put(kv::head_key(id), s.sample.head));
  }
  must(s.batch.Put(kv::meta_key("last_version"), kv::encode_number(s.numbering.count)));
  s.commit();
}

std::size_t RawRocksdb::read_page(int room, std::int64_t seq, int limit) {
  State& s = *state_;
  s.page.clear();
  const auto first = std::max<std::int64_t>(1, seq - limit);
  const KvRange range = kv::messages_between(raw_room(room), Seq{first}, Seq{seq - 1});
  const rocksdb::Slice end = range.end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(s.database->NewIterator(options));
  for (at->Seek(range.begin); at->Valid(); at->Next()) s.page.push_back(at->value().ToString());
  must(at->status());
  return s.page.size();
}

std::size_t RawRocksdb::read_heads() {
  State& s = *state_;
  s.page.clear();
  const KvRange range = kv::memberships_after(kRawUser, {});
  const rocksdb::Slice end = range.end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(s.database->NewIterator(options));
  std::int64_t room = 0;
  for (at->Seek(range.begin); at->Valid(); at->Next(), ++room) {
    s.page.push_back(at->value().ToString());
    s.read(kv::head_key(raw_room(room)));
    s.read(kv::member_key(raw_room(room), kRawUser));
  }
  must(at->status());
  return s.page.size();
}

}  // namespace msg::bench
