// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "store/kv/kv_engine.h"
#include "store/store.h"

namespace msg::kv {

/// A Store whose rows are entries of a KvEngine, as kv_keys.h and kv_codec.h lay them out. An
/// empty engine becomes a new store with an identity of its own; one that has commits but no
/// identity, or an identity that cannot be read, is Code::corrupt and stays as it is; one of a
/// later layout is Code::conflict, likewise.
Result<std::unique_ptr<Store>> open_kv_store(std::unique_ptr<KvEngine> engine,
                                             Purpose purpose = Purpose::use);

}  // namespace msg::kv
