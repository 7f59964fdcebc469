// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace msg::power {

/// The machine's files, for RocksDB, noted and failing as the mounted Disk says.
std::unique_ptr<rocksdb::Env> make_watched_env();

}  // namespace msg::power
