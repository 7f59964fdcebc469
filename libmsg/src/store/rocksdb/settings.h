// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "msg/options.h"
#include "msg/status.h"
#include "store/rocksdb/families.h"

namespace msg::rocks {

/// How much a store may use. What follows from it stands in settings.cpp, with the reasons.
struct Budget {
  std::size_t memory_bytes = 0;
  int open_files_max = 0;
  int background_jobs = 0;
};

/// The profile's budget, with the memory that the options name. invalid_argument (field
/// "store_memory_bytes"): outside of kStoreMemoryBytesMin to kStoreMemoryBytesMax.
Result<Budget> budget_of(const Options& options);

struct Settings {
  rocksdb::DBOptions database;
  /// In the order of Family.
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  /// Holds blocks, indexes, filters and is charged for write buffers: its usage is the memory used.
  std::shared_ptr<rocksdb::Cache> cache;
};

/// `env` null: the files of this machine.
Settings make_settings(const Budget& budget, rocksdb::Env* env);

}  // namespace msg::rocks
