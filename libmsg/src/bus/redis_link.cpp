// SPDX-License-Identifier: Apache-2.0
#ifdef MSG_HAS_REDIS

#include "bus/redis_link.h"

#include <sys/socket.h>

#include <array>
#include <csignal>
#include <cstdarg>
#include <vector>

namespace msg {
namespace {

/// Redis 6 has users; before there was one password for all.
bool log_in(redisContext& link, const BusUrl& url, std::string& why) {
  if (url.password.empty()) return true;
  std::vector<const char*> words{"AUTH"};
  if (!url.user.empty()) words.push_back(url.user.c_str());
  words.push_back(url.password.c_str());
  redisAppendCommandArgv(&link, static_cast<int>(words.size()), words.data(), nullptr);
  const RedisReply reply = next_reply(link);
  if (reply && reply->type == REDIS_REPLY_STATUS) return true;
  why = reply ? "it refuses the password" : "it does not answer";
  return false;
}

}  // namespace

timeval to_timeval(std::chrono::milliseconds time) {
  return {.tv_sec = static_cast<time_t>(time.count() / 1000),
          .tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

RedisLink connect_redis(const BusUrl& url, std::chrono::milliseconds timeout, std::string& why) {
  const int port = url.port == 0 ? 6379 : url.port;
  RedisLink link(redisConnectWithTimeout(url.host.c_str(), port, to_timeval(timeout)));
  if (!link || link->err != 0) {
    why = link ? link->errstr : "no memory";
    return nullptr;
  }
  redisSetTimeout(link.get(), to_timeval(timeout));
  redisEnableKeepAlive(link.get());
  if (!log_in(*link, url, why)) return nullptr;
  return link;
}

void block_broken_pipes() {
  sigset_t pipes{};
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipes, nullptr);
}

// NOLINTNEXTLINE(cert-dcl50-cpp): as the function of the library that it calls
bool send_command(redisContext& link, const char* format, ...) {
  char* text = nullptr;
  va_list values;
  va_start(values, format);
  const int size = redisvFormatCommand(&text, format, values);
  va_end(values);
  if (size < 0) return false;
  const ssize_t sent = ::send(link.fd, text, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  redisFreeCommand(text);
  return sent == size;
}

RedisReply next_reply(redisContext& link) {
  void* reply = nullptr;
  if (redisGetReply(&link, &reply) != REDIS_OK) return nullptr;
  return RedisReply(static_cast<redisReply*>(reply));
}

}  // namespace msg

#endif
