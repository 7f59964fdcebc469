// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_store.h"

#include "store/kv/kv_store.h"
#include "store/memory/memory_engine.h"

namespace msg {

Result<std::unique_ptr<Store>> open_memory_store(const Options& /*options*/) {
  return kv::open_kv_store(std::make_unique<memory::MemoryEngine>());
}

}  // namespace msg
