// SPDX-License-Identifier: Apache-2.0
#include "bus/buses.h"

namespace msg {

Result<std::shared_ptr<Bus>> open_bus(std::string_view url, const BusOptions& options) {
  constexpr std::string_view kMemory = "memory:";
  if (url.starts_with(kMemory)) return open_local_bus(url.substr(kMemory.size()), options);
  MSG_TRY(const BusUrl parsed, parse_bus_url(url));
  if (parsed.scheme == "nats" || parsed.scheme == "tls") return open_nats_bus(parsed, options);
  if (parsed.scheme == "redis") return open_redis_bus(parsed, options);
  if (parsed.scheme == "rediss") {
    return bad_bus("Redis over TLS is not there yet: use a tunnel, or nats.");
  }
  return bad_bus("It is neither nats://, tls://, redis:// nor memory:NAME.");
}

}  // namespace msg
