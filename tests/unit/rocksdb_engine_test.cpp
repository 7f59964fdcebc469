// SPDX-License-Identifier: Apache-2.0
// What is particular to RocksDB: memory within a budget, pages that cost one seek, and scans that
// merge what is written with what is stored.
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <map>
#include <random>

#include "store/kv/kv_keys.h"
#include "unit/rocksdb_fixture.h"

namespace msg::test {
namespace {

using testing::Each;
using testing::Le;

class RocksdbEngine : public RocksdbFixture {};

TEST_F(RocksdbEngine, OptionsOutsideTheirRangeAreRefused) {
  for (const std::size_t bytes :
       {std::size_t{1}, kStoreMemoryBytesMin - 1, kStoreMemoryBytesMax + 1}) {
    options_.store_memory_bytes = bytes;
    const auto store = open();
    ASSERT_TRUE(refuses(store, Code::invalid_argument, "bytes"));
    EXPECT_EQ(store.error().field, "store_memory_bytes");
  }
}

TEST_F(RocksdbEngine, MemoryStaysWithinTheBudget) {
  options_.store_memory_bytes = kStoreMemoryBytesMin;
  const auto engine = must(open_engine());
  std::mt19937_64 random(3);
  std::string body(20'000, '\0');
  std::vector<std::size_t> used;
  // Ten times the budget, of what does not compress.
  for (std::int64_t seq = 1; seq <= 2'000;) {
    const auto batch = must(engine->begin());
    for (const std::int64_t last = seq + 9; seq <= last; ++seq) {
      const ConversationId room{seq % 7};
      for (auto& byte : body) byte = static_cast<char>(random());
      must(batch->put(kv::message_key(room, Seq{seq}), body));
      must(batch->put(kv::idempotency_key(room, UserId{1}, std::to_string(seq)), "entry"));
    }
    must(batch->commit());
    used.push_back(engine->memory_bytes());
  }
  const auto view = must(engine->view());
  for (std::int64_t room = 0; room < 7; ++room) {
    const auto range = kv::messages_between(ConversationId{room}, Seq{1}, Seq{2'000});
    must(view->scan(range, KvDirection::forward, [&](auto, auto) {
      used.push_back(engine->memory_bytes());
      return true;
    }));
  }
  EXPECT_THAT(used, Each(Le(kStoreMemoryBytesMin)));
}

TEST_F(RocksdbEngine, APageIsOneSeekAndAScanOfItsMessages) {
  options_.store_memory_bytes = kStoreMemoryBytesMin;
  auto engine = must(open_engine());
  for (std::int64_t seq = 1; seq <= 400; ++seq) {
    const auto batch = must(engine->begin());
    for (std::int64_t room = 1; room <= 50; ++room) {
      must(batch->put(kv::message_key(ConversationId{room}, Seq{seq}), std::string(200, 'm')));
    }
    must(batch->commit());
  }
  engine.reset();
  engine = must(open_engine());

  const auto view = must(engine->view());
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  for (const auto direction : {KvDirection::forward, KvDirection::backward}) {
    rocksdb::get_perf_context()->Reset();
    int count = 0;
    const auto range = kv::messages_between(ConversationId{25}, Seq{200}, Seq{249});
    must(view->scan(range, direction, [&](auto, auto) { return ++count < 50; }));
    EXPECT_EQ(count, 50);
    // Some files may hold this room; each costs an index, a filter and one or two blocks.
    EXPECT_LE(rocksdb::get_perf_context()->block_read_count, 24U);
    EXPECT_EQ(rocksdb::get_perf_context()->internal_delete_skipped_count, 0U);
    EXPECT_LE(rocksdb::get_perf_context()->internal_key_skipped_count, 52U);
  }
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

using Model = std::map<std::string, std::string>;

// Keys and ranges of few scopes, in two families.
std::string key_of(unsigned n) {
  const ConversationId room{n % 3};
  const std::int64_t id = (n / 3) % 40;
  switch ((n / 120) % 3) {
    case 0:
      return kv::message_key(room, Seq{id});
    case 1:
      return kv::member_key(room, UserId{id});
    default:
      return kv::user_key(UserId{id});
  }
}

KvRange range_of(unsigned n) {
  const ConversationId room{n % 3};
  const std::int64_t from = (n / 3) % 40;
  switch ((n / 120) % 3) {
    case 0:
      return kv::messages_between(room, Seq{from}, Seq{from + 7});
    case 1:
      return kv::members_after(room, UserId{from});
    default:
      return kv::users_after(UserId{from});
  }
}

void expect_same(KvView& view, const Model& model, const KvRange& range) {
  const std::vector<Model::value_type> forward(model.lower_bound(range.begin),
                                               model.lower_bound(range.end));
  const std::vector<Model::value_type> backward(forward.rbegin(), forward.rend());
  for (const auto direction : {KvDirection::forward, KvDirection::backward}) {
    std::vector<Model::value_type> found;
    must(view.scan(range, direction, [&](std::string_view key, std::string_view value) {
      found.emplace_back(key, value);
      return true;
    }));
    ASSERT_EQ(found, direction == KvDirection::forward ? forward : backward);
  }
}

void change(KvBatch& batch, Model& model, std::mt19937& random) {
  const std::string key = key_of(random());
  if (random() % 3 == 0) {
    must(batch.erase(key));
    model.erase(key);
    return;
  }
  std::string value = std::to_string(random());
  must(batch.put(key, value));
  model[key] = value;
  ASSERT_TRUE(must(batch.get(key, value)));
  EXPECT_EQ(value, model[key]);
}

TEST_F(RocksdbEngine, BehavesLikeAMap) {
  const auto engine = must(open_engine());
  std::mt19937 random(5);
  Model committed;
  for (int round = 0; round < 120; ++round) {
    const auto before = must(engine->view());
    const Model model_before = committed;
    {
      const auto batch = must(engine->begin());
      Model model = committed;
      for (int i = 0; i < 30; ++i) {
        change(*batch, model, random);
        expect_same(*batch, model, range_of(random()));
      }
      if (random() % 4 != 0) {
        must(batch->commit());
        committed = model;
      }
    }
    expect_same(*before, model_before, range_of(random()));
    expect_same(*must(engine->view()), committed, range_of(random()));
    if (round % 20 == 19) {
      ASSERT_TRUE(engine->database().Flush({}).ok());
    }
  }
}

TEST_F(RocksdbEngine, OneBatchAtATimeAndNoneTwice) {
  const auto engine = must(open_engine());
  auto batch = must(engine->begin());
  EXPECT_TRUE(refuses(engine->begin(), Code::unavailable, "open already"));
  must(batch->put("zx", "1"));
  must(batch->commit());
  EXPECT_TRUE(refuses(batch->commit(), Code::unavailable, "ended"));
  batch.reset();
  EXPECT_TRUE(engine->begin());
}

}  // namespace
}  // namespace msg::test
