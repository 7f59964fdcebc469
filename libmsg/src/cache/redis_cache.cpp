// SPDX-License-Identifier: Apache-2.0
#include "cache/caches.h"

#ifdef MSG_HAS_REDIS

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "bus/outbox.h"
#include "bus/redis_link.h"

namespace msg {
namespace {

constexpr std::chrono::milliseconds kCachePauseMin{50};

/// Readers borrow links that are there; only the keeper, a thread, makes them, stores what was put
/// and looks whether the other end lives. So no reader waits for a name to be resolved or a
/// connection to be made, and after a failure none asks until the keeper had an answer again.
class RedisCache final : public Cache {
 public:
  RedisCache(BusUrl url, CacheOptions options)
      : url_(std::move(url)),
        options_(std::move(options)),
        outbox_(options_.waiting_bytes_max),
        keeper_([this] { keep(); }) {}

  ~RedisCache() override {
    outbox_.stop();
    keeper_.join();
  }

  std::optional<std::string> find(std::string_view key) override {
    RedisLink link = borrow();
    if (!link) return std::nullopt;
    const std::string name = name_of(key);
    // GETRANGE, so that what somebody else put there is no reason to fetch hundreds of megabytes.
    const std::string last = std::to_string(options_.value_bytes_max);
    const bool asked =
        send_command(*link, "GETRANGE %b 0 %s", name.data(), name.size(), last.c_str());
    const RedisReply reply = asked ? next_reply(*link) : nullptr;
    const bool is_answer = reply && (reply->type == REDIS_REPLY_STRING || is_foreign(*reply));
    give_back(is_answer ? std::move(link) : nullptr);
    const std::scoped_lock lock(mutex_);
    if (!is_answer) {
      ++state_.failed;
      return std::nullopt;
    }
    const bool is_value = reply->type == REDIS_REPLY_STRING && reply->len > 0 &&
                          reply->len <= options_.value_bytes_max;
    ++(is_value ? state_.found : state_.absent);
    if (!is_value) return std::nullopt;
    return std::string(reply->str, reply->len);
  }

  void put(std::string_view key, std::string value) override {
    if (is_cacheable(key, value, options_) && outbox_.push(name_of(key), std::move(value))) return;
    const std::scoped_lock lock(mutex_);
    ++state_.dropped;
  }

  CacheState state() const override {
    const std::scoped_lock lock(mutex_);
    CacheState state = state_;
    state.connected = is_open_;
    return state;
  }

 private:
  std::string name_of(std::string_view key) const { return url_.prefix + ":c:" + std::string(key); }

  /// Something is there that is no string.
  static bool is_foreign(const redisReply& reply) {
    return reply.type == REDIS_REPLY_ERROR &&
           std::string_view(reply.str, reply.len).starts_with("WRONGTYPE");
  }

  RedisLink borrow() {
    std::unique_lock lock(mutex_);
    returned_.wait_for(lock, options_.deadline, [this] { return !is_open_ || !idle_.empty(); });
    if (!is_open_ || idle_.empty()) {
      ++state_.failed;
      return nullptr;
    }
    RedisLink link = std::move(idle_.back());
    idle_.pop_back();
    return link;
  }

  /// Null: it failed, and so would all the others, each at the price of a deadline.
  void give_back(RedisLink link) {
    {
      const std::scoped_lock lock(mutex_);
      if (!link) is_open_ = false;
      const bool has_room = std::cmp_less(idle_.size(), options_.links);
      if (link && is_open_ && has_room) idle_.push_back(std::move(link));
    }
    returned_.notify_all();
  }

  // The keeper. --------------------------------------------------------------------------------

  void keep() {
    block_broken_pipes();
    outbox_.open(false);
    auto pause = kCachePauseMin;
    while (!outbox_.is_stopping()) {
      if (const RedisLink own = open_gate()) {
        pause = kCachePauseMin;
        keep_until_broken(*own);
        close_gate();
      }
      if (!outbox_.pause(pause)) return;
      pause = std::min(pause * 2, options_.timeout);
    }
  }

  /// The keeper's own link, once the readers have theirs.
  RedisLink open_gate() {
    std::string why;
    RedisLink own = connect_redis(url_, options_.timeout, why);
    std::vector<RedisLink> links;
    while (own && std::cmp_less(links.size(), options_.links)) {
      RedisLink link = connect_redis(url_, options_.timeout, why);
      if (!link) own.reset();
      if (link) redisSetTimeout(link.get(), to_timeval(options_.deadline));
      links.push_back(std::move(link));
    }
    // Only who answers a question is there: one that still loads its data, or wants a password,
    // takes connections too.
    if (own && !is_alive(*own, why)) own.reset();
    report(own ? "connected" : why);
    if (!own) return nullptr;
    const std::scoped_lock lock(mutex_);
    idle_ = std::move(links);
    is_open_ = true;
    outbox_.open(true);
    return own;
  }

  void close_gate() {
    outbox_.open(false);
    {
      const std::scoped_lock lock(mutex_);
      is_open_ = false;
      idle_.clear();
    }
    returned_.notify_all();
    report("no answer");
  }

  /// All that waits goes in one go. With nothing to send a question shows that the other end lives.
  void keep_until_broken(redisContext& own) {
    while (true) {
      const auto letters = outbox_.take(options_.timeout);
      if (outbox_.is_stopping()) return;
      std::string why;
      if (!(letters.empty() ? is_alive(own, why) : store(own, letters))) return;
      const std::scoped_lock lock(mutex_);
      if (!is_open_) return;  // a reader had no answer; their links are made anew
    }
  }

  static bool is_alive(redisContext& link, std::string& why) {
    redisAppendCommand(&link, "PING");
    const RedisReply reply = next_reply(link);
    if (reply && reply->type == REDIS_REPLY_STATUS) return true;
    why = reply && reply->type == REDIS_REPLY_ERROR ? std::string(reply->str, reply->len)
                                                    : "it does not answer";
    return false;
  }

  bool store(redisContext& link, const Outbox::Letters& letters) {
    const auto ttl = static_cast<long long>(options_.ttl.count());
    for (const auto& letter : letters) {
      redisAppendCommand(&link, "SET %b %b PX %lld", letter.channel.data(), letter.channel.size(),
                         letter.payload.data(), letter.payload.size(), ttl);
    }
    std::uint64_t answered = 0;
    std::uint64_t stored = 0;
    for (; answered < letters.size(); ++answered) {
      const RedisReply reply = next_reply(link);
      if (!reply) break;
      if (reply->type == REDIS_REPLY_STATUS) ++stored;  // else it has no room, mostly
    }
    const std::scoped_lock lock(mutex_);
    state_.stored += stored;
    state_.dropped += letters.size() - stored;
    return answered == letters.size();
  }

  /// Of the same thing once.
  void report(const std::string& what) {
    if (options_.log && what != reported_) options_.log("cache: Redis: " + what);
    reported_ = what;
  }

  const BusUrl url_;
  const CacheOptions options_;
  Outbox outbox_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<RedisLink> idle_;
  bool is_open_{false};
  CacheState state_;
  std::string reported_;  ///< Of the keeper alone.
  std::thread keeper_;    // last: it uses all the others
};

}  // namespace

Result<std::shared_ptr<Cache>> open_redis_cache(const BusUrl& url, const CacheOptions& options) {
  return std::make_shared<RedisCache>(url, options);
}

}  // namespace msg

#else

namespace msg {

Result<std::shared_ptr<Cache>> open_redis_cache(const BusUrl& /*url*/,
                                                const CacheOptions& /*options*/) {
  return bad_cache("This libmsg was built without Redis (libhiredis-dev).");
}

}  // namespace msg

#endif
