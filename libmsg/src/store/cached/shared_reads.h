// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "msg/cache.h"
#include "store/cached/heat.h"
#include "store/cached/sealer.h"
#include "store/cached/shared_loads.h"

namespace msg {

/// What all snapshots of a store know of answers that are the same for everybody.
///
/// A question names all that its answer depends on, the version included: so there is one right
/// answer to it, for ever, wherever it is kept and however old it is.
///
/// Thread safety: all calls from any thread.
class SharedReads {
 public:
  using Load = std::function<Result<std::string>()>;

  SharedReads(std::shared_ptr<Cache> cache, const StoreIdentity& identity)
      : cache_(std::move(cache)), sealer_(identity) {}

  Heat& heat() { return heat_; }

  /// From whoever reads the same at this moment, from the cache, or by `load`; not unavailable
  /// unless that is.
  Result<LoadedPtr> read(ConversationId conversation, std::string_view question, const Load& load);

  /// Who opens a conversation that was not hot asks for everything in one trip, version and rows.
  /// Whoever comes meanwhile waits in read() until that is there.
  SharedLoads::Part open(ConversationId conversation);
  /// What the one who leads there found, before it ends its part.
  void opened(SharedLoads::Part part, std::string_view question, const Load& load);

 private:
  LoadedPtr wait(SharedLoads::Part& part, std::string_view key);
  LoadedPtr find_cached(const std::string& key);
  LoadedPtr keep(const std::string& key, std::string bytes);

  const std::shared_ptr<Cache> cache_;
  const Sealer sealer_;
  Heat heat_;
  SharedLoads loads_;
};

}  // namespace msg
