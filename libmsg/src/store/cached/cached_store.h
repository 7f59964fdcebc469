// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "msg/cache.h"
#include "store/store.h"

namespace msg {

/// The same store, whose late snapshots share what they read with each other and, by the cache,
/// with those of other processes: no answer is another one for it. Snapshots of a moment that was
/// fixed before, and writes, ask the store itself. Only a store that says in which life a
/// conversation changed (Participation::life, Standing::conversation_writer) has anything of it.
std::unique_ptr<Store> make_cached_store(std::unique_ptr<Store> store,
                                         std::shared_ptr<Cache> cache);

}  // namespace msg
