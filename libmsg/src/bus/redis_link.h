// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hiredis.h>
#include <sys/time.h>

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

timeval to_timeval(std::chrono::milliseconds time);

/// Connected and logged in; or null, with the reason. Each answer comes within `timeout`.
RedisLink connect_redis(const BusUrl& url, std::chrono::milliseconds timeout, std::string& why);

/// hiredis writes in a way that ends a process which does not ignore SIGPIPE when the other end is
/// gone. For threads of our own.
void block_broken_pipes();
/// For those of others: at most what the socket takes at once, and without that. False: it did not.
bool send_command(redisContext& link, const char* format, ...);  // NOLINT(cert-dcl50-cpp)

/// The next answer to what was appended; null: the link is broken.
RedisReply next_reply(redisContext& link);

}  // namespace msg
