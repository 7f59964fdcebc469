// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "cache/caches.h"

namespace msg {

std::unexpected<Error> bad_cache(std::string detail) {
  return fail(Code::invalid_argument, std::move(detail), "cache");
}

Result<std::shared_ptr<Cache>> open_cache(std::string_view url, const CacheOptions& options) {
  constexpr std::string_view kMemory = "memory:";
  constexpr std::chrono::milliseconds kLeast{1};
  constexpr int kLinksMax = 64;
  if (options.deadline < kLeast || options.timeout < kLeast || options.ttl < kLeast) {
    return bad_cache("A deadline, a timeout and a ttl are a millisecond at least.");
  }
  if (options.links < 1 || options.links > kLinksMax) return bad_cache("It takes 1 to 64 links.");
  if (url.starts_with(kMemory)) return open_memory_cache(url.substr(kMemory.size()), options);
  if (url.starts_with("rediss://")) return bad_cache("Redis over TLS is not there yet.");
  if (!url.starts_with("redis://")) return bad_cache("It is neither redis:// nor memory:NAME.");
  const auto parsed = parse_bus_url(url);
  if (!parsed) return bad_cache(parsed.error().detail);
  return open_redis_cache(*parsed, options);
}

}  // namespace msg
