// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "msg/options.h"
#include "store/store.h"

namespace msg {

/// An empty store that lives and dies with the process: "memory:". The reference that the others
/// are compared with; it shares its key layout with RocksDB.
Result<std::unique_ptr<Store>> open_memory_store(const Options& options);

}  // namespace msg
