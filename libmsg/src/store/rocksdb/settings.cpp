// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/settings.h"

#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <array>
#include <string>

namespace msg::rocks {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;
constexpr double kFilterBitsPerKey = 10;  // one look-up in a hundred goes in vain

rocksdb::CompressionType first_supported(std::initializer_list<rocksdb::CompressionType> wishes) {
  const auto supported = rocksdb::GetSupportedCompressions();
  for (const auto wish : wishes) {
    if (std::ranges::find(supported, wish) != supported.end()) return wish;
  }
  return rocksdb::kNoCompression;
}

/// What the write buffers together aim at. A family may fill its second buffer while its first
/// is on the way to the disk, so that they reach twice this at worst: a third of the budget.
std::size_t write_buffers(const Budget& budget) {
  return std::min(budget.memory_bytes / 6, 256 * kMiB);
}

/// Half of what is written is messages.
std::size_t write_buffer(const Budget& budget, Family family) {
  return write_buffers(budget) / (family == Family::message ? 2 : 4);
}

rocksdb::BlockBasedTableOptions table_options(Family family,
                                              const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Indexes and filters count towards the budget and leave the memory when they are not used.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  for (const auto role : {rocksdb::CacheEntryRole::kBlockBasedTableReader,
                          rocksdb::CacheEntryRole::kFilterConstruction}) {
    table.cache_usage_options.options_overrides[role] = {
        .charged = rocksdb::CacheEntryRoleOptions::Decision::kEnabled};
  }
  table.format_version = 5;
  // A page of 50 messages is about one block.
  table.block_size = family == Family::message ? 16 * kKiB : 4 * kKiB;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  // Messages are read by page, and a page needs to know only which files have the conversation.
  table.whole_key_filtering = family != Family::message;
  return table;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const Budget& budget,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(family, cache)));
  options.write_buffer_size = write_buffer(budget, family);
  options.max_write_buffer_number = 2;
  options.target_file_size_base = std::max(options.write_buffer_size, 4 * kMiB);
  options.max_bytes_for_level_base = 4 * options.target_file_size_base;
  options.level_compaction_dynamic_level_bytes = true;
  // Idempotency entries are hashes, which do not get smaller.
  if (family == Family::idempotency) {
    options.compression = rocksdb::kNoCompression;
  } else {
    options.compression = first_supported({rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});
    options.bottommost_compression =
        first_supported({rocksdb::kZSTD, rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});
  }
  if (family == Family::idempotency) {
    // Each send asks for a key that is not there.
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.05;
  } else {
    options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kScopeBytes));
  }
  return options;
}

rocksdb::DBOptions database_options(const Budget& budget, rocksdb::Env* env) {
  rocksdb::DBOptions options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_open_files = budget.open_files_max;
  options.max_background_jobs = budget.background_jobs;
  options.max_file_opening_threads = 1;
  // One thread writes: what lets many write side by side only costs.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;

  // A commit that a power cut tore in two was never acknowledged: recovery ends before it. A log
  // that is missing or shorter than it was when it was done with is damage and refused.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.track_and_verify_wals_in_manifest = true;
  // What recovery has read goes into files of its own at once: after a failed fsync the pages of
  // the log in memory look clean and may not be on the disk. (fsyncgate)
  options.avoid_flush_during_recovery = false;
  // Whether a failed disk is well again is for a person to say.
  options.max_bgerror_resume_count = 0;
  // Opening after a crash reads this much at most.
  options.max_total_wal_size = 2 * write_buffers(budget);

  // Nothing that grows for ever, and no thread that wakes a phone up.
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.keep_log_file_num = 3;
  options.max_log_file_size = 256 * kKiB;
  options.max_manifest_file_size = 4 * kMiB;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.persist_stats_to_disk = false;
  // Writing back in small pieces keeps a large file from delaying the fsync of a commit.
  options.bytes_per_sync = kMiB;
  options.avoid_unnecessary_blocking_io = true;
  return options;
}

}  // namespace

Result<Budget> budget_of(const Options& options) {
  const bool phone = options.profile == Profile::phone;
  Budget budget{.memory_bytes = phone ? 16 * kMiB : 256 * kMiB,
                .open_files_max = phone ? 64 : 512,
                .background_jobs = phone ? 2 : 4};
  if (options.store_memory_bytes == 0) return budget;
  if (options.store_memory_bytes < kStoreMemoryBytesMin ||
      options.store_memory_bytes > kStoreMemoryBytesMax) {
    return fail(Code::invalid_argument,
                "The memory of a store is 0, for the profile's, or " +
                    std::to_string(kStoreMemoryBytesMin) + " to " +
                    std::to_string(kStoreMemoryBytesMax) + " bytes.",
                "store_memory_bytes");
  }
  budget.memory_bytes = options.store_memory_bytes;
  return budget;
}

Settings make_settings(const Budget& budget, rocksdb::Env* env) {
  Settings settings;
  rocksdb::LRUCacheOptions cache;
  // The rest is for what cannot be charged: what compaction reads and writes, and the heap between
  // blocks that came and went.
  cache.capacity = budget.memory_bytes / 5 * 2;
  // Few parts: a part evicts on its own, so that many small ones would hold less than they may.
  cache.num_shard_bits = budget.memory_bytes >= 64 * kMiB ? 4 : 1;
  cache.high_pri_pool_ratio = 0.3;  // for indexes and filters
  settings.cache = rocksdb::NewLRUCache(cache);
  settings.database = database_options(budget, env);
  settings.database.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(write_buffers(budget), settings.cache);
  for (const auto family : {Family::state, Family::message, Family::idempotency}) {
    settings.families.emplace_back(kFamilyNames[static_cast<std::size_t>(family)],
                                   family_options(family, budget, settings.cache));
  }
  return settings;
}

}  // namespace msg::rocks
