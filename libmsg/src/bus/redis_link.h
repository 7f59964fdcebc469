// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hiredis.h>

#include <chrono>
#include <memory>
#include <string>

#include "bus/bus_url.h"

namespace msg {

struct RedisDelete {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisLink = std::unique_ptr<redisContext, RedisDelete>;
using RedisReply = std::unique_ptr<redisReply, RedisDelete>;

/// Connected and logged in; or null, with the reason. Each answer comes within `timeout`.
RedisLink connect_redis(const BusUrl& url, std::chrono::milliseconds timeout, std::string& why);

/// The next answer to what was appended; null: the link is broken.
RedisReply next_reply(redisContext& link);

}  // namespace msg
