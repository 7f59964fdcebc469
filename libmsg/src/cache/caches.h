// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "bus/bus_url.h"
#include "msg/cache.h"

namespace msg {

std::shared_ptr<Cache> open_memory_cache(std::string_view name, const CacheOptions& options);
Result<std::shared_ptr<Cache>> open_redis_cache(const BusUrl& url, const CacheOptions& options);

std::unexpected<Error> bad_cache(std::string detail);

/// Whether put() takes it.
inline bool is_cacheable(std::string_view key, std::string_view value,
                         const CacheOptions& options) {
  return !key.empty() && key.size() <= kCacheKeyMax && !value.empty() &&
         value.size() <= options.value_bytes_max;
}

}  // namespace msg
