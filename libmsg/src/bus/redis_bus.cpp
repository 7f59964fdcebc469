// SPDX-License-Identifier: Apache-2.0
#include "bus/buses.h"

#ifdef MSG_HAS_REDIS

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "bus/channels.h"
#include "bus/outbox.h"
#include "bus/redis_link.h"

namespace msg {
namespace {

constexpr std::chrono::milliseconds kFirstPause{50};

/// PUBLISH and PSUBSCRIBE, on a connection and a thread each: a subscribed connection may do
/// nothing else, and the library has no event loop to put them into.
class RedisBus final : public Bus {
 public:
  RedisBus(BusUrl url, BusOptions options)
      : url_(std::move(url)),
        options_(std::move(options)),
        outbox_(options_.waiting_bytes_max),
        wake_reader_(::eventfd(0, EFD_CLOEXEC)),
        reader_([this] { read_loop(); }),
        writer_([this] { write_loop(); }) {}

  ~RedisBus() override {
    outbox_.stop();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_reader_, &one, sizeof one);
    reader_.join();
    writer_.join();
    ::close(wake_reader_);
  }

  void publish(std::string_view channel, std::string payload) override {
    if (outbox_.push(name_of(channel), std::move(payload))) return;
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }

  void listen(std::string_view channel, Handler handler) override {
    channels_.listen(channel, std::move(handler));
  }
  void stop_listening(std::string_view channel) override { channels_.stop_listening(channel); }

  BusState state() const override {
    const std::scoped_lock lock(mutex_);
    return {.connected = can_write_ && can_read_,
            .sent = sent_,
            .received = received_,
            .dropped = dropped_};
  }

 private:
  std::string name_of(std::string_view channel) const {
    return url_.prefix + ':' + std::string(channel);
  }

  /// Until it is connected, or the end. The pauses grow.
  RedisLink connect(std::string_view whose) {
    auto pause = kFirstPause;
    std::string last_reason;
    while (true) {
      std::string why;
      auto link = connect_redis(url_, options_.timeout, why);
      if (link) return link;
      if (options_.log && why != last_reason) {
        options_.log("bus: Redis, " + std::string(whose) + ": " + why);
      }
      last_reason = std::move(why);
      if (!outbox_.pause(pause)) return nullptr;
      pause = std::min(pause * 2, options_.reconnect_max);
    }
  }

  void write_loop() {
    block_broken_pipes();
    outbox_.open(false);
    while (const auto link = connect("publishing")) {
      outbox_.open(true);
      set(can_write_, true);
      write_until_broken(*link);
      outbox_.open(false);
      set(can_write_, false);
      if (outbox_.is_stopping()) return;
    }
  }

  /// All that waits goes in one go, so that a trip is shared by who publishes meanwhile.
  void write_until_broken(redisContext& link) {
    while (true) {
      const auto letters = outbox_.take(options_.timeout);
      if (letters.empty() && outbox_.is_stopping()) return;
      if (!letters.empty() ? !write(link, letters) : !is_alive(link)) return;
    }
  }

  static bool is_alive(redisContext& link) {
    redisAppendCommand(&link, "PING");
    return next_reply(link) != nullptr;
  }

  bool write(redisContext& link, const Outbox::Letters& letters) {
    for (const auto& letter : letters) {
      redisAppendCommand(&link, "PUBLISH %b %b", letter.channel.data(), letter.channel.size(),
                         letter.payload.data(), letter.payload.size());
    }
    std::size_t answered = 0;
    for (; answered < letters.size(); ++answered) {
      const RedisReply reply = next_reply(link);
      if (!reply) break;
      auto& count = reply->type == REDIS_REPLY_INTEGER ? sent_ : dropped_;
      count.fetch_add(1, std::memory_order_relaxed);
    }
    dropped_.fetch_add(letters.size() - answered, std::memory_order_relaxed);
    return answered == letters.size();
  }

  void read_loop() {
    block_broken_pipes();
    while (const auto link = connect("listening")) {
      redisAppendCommand(link.get(), "PSUBSCRIBE %s:*", url_.prefix.c_str());
      read_until_broken(*link);
      set(can_read_, false);
      if (outbox_.is_stopping()) return;
    }
  }

  /// A link that says nothing is asked for a sign of life, and given up when none comes.
  void read_until_broken(redisContext& link) {
    int is_written = 0;
    if (redisBufferWrite(&link, &is_written) != REDIS_OK) return;
    bool is_asked = false;
    while (true) {
      std::array<pollfd, 2> ends{{{.fd = link.fd, .events = POLLIN, .revents = 0},
                                  {.fd = wake_reader_, .events = POLLIN, .revents = 0}}};
      const int ready =
          ::poll(ends.data(), ends.size(), static_cast<int>(options_.timeout.count() / 2));
      if (ends[1].revents != 0 || (ready == 0 && is_asked)) return;
      if (ready == 0) {
        is_asked = true;
        redisAppendCommand(&link, "PING");
        if (redisBufferWrite(&link, &is_written) != REDIS_OK) return;
      } else if (ends[0].revents != 0) {
        is_asked = false;
        if (!take_replies(link)) return;
      }
    }
  }

  bool take_replies(redisContext& link) {
    if (redisBufferRead(&link) != REDIS_OK) return false;
    while (true) {
      void* raw = nullptr;
      if (redisGetReplyFromReader(&link, &raw) != REDIS_OK) return false;
      if (raw == nullptr) return true;
      take(*RedisReply(static_cast<redisReply*>(raw)));
    }
  }

  /// ["pmessage", pattern, channel, payload], or ["psubscribe", …] once.
  void take(const redisReply& reply) {
    const auto text = [&](std::size_t i) {
      const redisReply& part = *reply.element[i];
      return part.type == REDIS_REPLY_STRING ? std::string_view(part.str, part.len)
                                             : std::string_view{};
    };
    if (reply.type != REDIS_REPLY_ARRAY || reply.elements < 1) return;
    if (text(0) == "psubscribe") set(can_read_, true);
    if (reply.elements != 4 || text(0) != "pmessage") return;
    received_.fetch_add(1, std::memory_order_relaxed);
    const auto channel = text(2);
    if (channel.size() > url_.prefix.size()) {
      channels_.hand_over(channel.substr(url_.prefix.size() + 1), text(3));
    }
  }

  void set(bool& what, bool value) {
    const std::scoped_lock lock(mutex_);
    if (what != value && options_.log) {
      options_.log(std::string("bus: ") + (value ? "connected" : "the connection is lost"));
    }
    what = value;
  }

  const BusUrl url_;
  const BusOptions options_;
  Outbox outbox_;
  Channels channels_;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> dropped_{0};
  mutable std::mutex mutex_;
  bool can_write_{false};
  bool can_read_{false};
  const int wake_reader_;
  std::thread reader_;  // these two last: they use all the others
  std::thread writer_;
};

}  // namespace

Result<std::shared_ptr<Bus>> open_redis_bus(const BusUrl& url, const BusOptions& options) {
  return std::make_shared<RedisBus>(url, options);
}

}  // namespace msg

#else

namespace msg {

Result<std::shared_ptr<Bus>> open_redis_bus(const BusUrl& /*url*/, const BusOptions& /*options*/) {
  return bad_bus("This libmsg was built without Redis (libhiredis-dev).");
}

}  // namespace msg

#endif
