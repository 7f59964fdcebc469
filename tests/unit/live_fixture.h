// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "live/live_hub.h"
#include "live/live_session.h"
#include "live/long_poll.h"
#include "ops/timer.h"
#include "ops/worker_pool.h"

namespace msgd::test {

namespace json = boost::json;
using namespace std::chrono_literals;

/// The text inside a frame that make_text_frame() made.
inline std::string text_of(const SharedFrame& frame) {
  const auto length = static_cast<unsigned char>((*frame)[1]);
  return frame->substr(length == 127 ? 10 : length == 126 ? 4 : 2);
}

inline std::string string_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

inline std::string event_of(const std::optional<json::object>& frame) {
  return frame ? string_at(*frame, "event") : "nothing";
}

inline std::string error_of(const std::optional<json::object>& frame) {
  return frame ? string_at(frame->at("error").as_object(), "code") : "nothing";
}

/// A thread that plays the I/O thread: what is posted runs there, in order.
class FakeIo {
 public:
  FakeIo() : thread_([this] { run(); }) {}
  ~FakeIo() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  void post(std::function<void()> work) {
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
      works_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || !works_.empty(); });
      if (works_.empty()) return;
      auto work = std::move(works_.front());
      works_.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> works_;
  bool stopping_{false};
  std::thread thread_;
};

/// A connection whose peer is the test: frames stay in the outbox until the test reads them.
class FakeTransport : public WsTransport, public std::enable_shared_from_this<FakeTransport> {
 public:
  FakeTransport(FakeIo& io, std::size_t frames_max) : io_(io), frames_max_(frames_max) {}

  bool send(SharedFrame frame) override { return enqueue(std::move(frame), frames_max_); }
  bool send_ephemeral(SharedFrame frame) override {
    return enqueue(std::move(frame), frames_max_ / 2);
  }
  void close(std::uint16_t code, std::string reason) override {
    {
      const std::scoped_lock lock(mutex_);
      if (close_code_) return;
      close_code_ = code;
      close_reason_ = std::move(reason);
    }
    changed_.notify_all();
  }
  void prove() override {}
  void post(std::function<void()> work) override {
    io_.post([weak = weak_from_this(), work = std::move(work)] {
      const auto self = weak.lock();
      if (self && self->endpoint_) work();
    });
  }

  void connect(std::unique_ptr<WsEndpoint> endpoint) { endpoint_ = std::move(endpoint); }
  void say(std::string text) {
    io_.post([self = shared_from_this(), text = std::move(text)] {
      if (self->endpoint_) self->endpoint_->on_text(text);
    });
  }
  /// The server ends; returns when the endpoint knows.
  void shut_down(std::chrono::milliseconds reconnect_delay) {
    std::promise<void> done;
    io_.post([&] {
      endpoint_->on_shutdown(reconnect_delay);
      done.set_value();
    });
    done.get_future().wait();
  }
  /// The connection is lost; returns when the endpoint knows.
  void disconnect() {
    std::promise<void> done;
    io_.post([this, &done] {
      if (endpoint_) endpoint_->on_closed();
      endpoint_.reset();
      done.set_value();
    });
    done.get_future().wait();
  }
  /// The next frame, as the peer reads it; nothing when none comes in time.
  std::optional<json::object> read(std::chrono::milliseconds limit = 5s) {
    const auto frame = read_frame(limit);
    if (!frame) return std::nullopt;
    return json::parse(text_of(frame)).as_object();
  }
  SharedFrame read_frame(std::chrono::milliseconds limit = 5s) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [&] { return !outbox_.empty(); })) return nullptr;
    const auto frame = outbox_.front();
    outbox_.pop_front();
    if (outbox_.empty()) {
      io_.post([self = shared_from_this()] {
        if (self->endpoint_) self->endpoint_->on_drained();
      });
    }
    lock.unlock();
    return frame;
  }
  std::optional<std::uint16_t> close_code(std::chrono::milliseconds limit = 5s) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return close_code_.has_value(); });
    return close_code_;
  }
  std::string close_reason() {
    const std::scoped_lock lock(mutex_);
    return close_reason_;
  }
  void wait_until_queued(std::size_t frames) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return outbox_.size() >= frames; });
  }
  std::size_t queued() {
    const std::scoped_lock lock(mutex_);
    return outbox_.size();
  }

 private:
  bool enqueue(SharedFrame frame, std::size_t frames_max) {
    {
      const std::scoped_lock lock(mutex_);
      if (close_code_ || (!outbox_.empty() && outbox_.size() >= frames_max)) return false;
      outbox_.push_back(std::move(frame));
    }
    changed_.notify_all();
    return true;
  }

  FakeIo& io_;
  const std::size_t frames_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<SharedFrame> outbox_;
  std::optional<std::uint16_t> close_code_;
  std::string close_reason_;
  std::unique_ptr<WsEndpoint> endpoint_;
};

/// A clock of the store that a test may stop: commits wait until it runs again.
class StoppableClock {
 public:
  std::function<msg::Time()> read() {
    return [this] {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return running_; });
      return std::chrono::time_point_cast<std::chrono::milliseconds>(
          std::chrono::system_clock::now());
    };
  }
  void stop() {
    const std::scoped_lock lock(mutex_);
    running_ = false;
  }
  void run() {
    {
      const std::scoped_lock lock(mutex_);
      running_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_{true};
};

/// A hub over a store in memory, with two users and their direct conversation.
class LiveWorld {
 public:
  explicit LiveWorld(LiveOptions options = {}, msg::Options store = {})
      : messenger_(std::move(*msg::open("memory:", std::move(store)))), hub_(services_, options) {
    alice_ = messenger_->register_user({.phone = "+14155550101", .username = "alice"})->id;
    bob_ = messenger_->register_user({.phone = "+14155550102", .username = "bob"})->id;
    room_ = messenger_->open_direct(alice_, bob_)->id;
  }
  ~LiveWorld() {
    timer_.stop();
    workers_.stop();
  }

  msg::Messenger& messenger() { return *messenger_; }
  LiveHub& hub() { return hub_; }
  msg::UserId alice() const { return alice_; }
  msg::UserId bob() const { return bob_; }
  msg::ConversationId room() const { return room_; }

  std::string token(msg::UserId user) { return messenger_->create_session(user, "test")->token; }
  std::shared_ptr<FakeTransport> connect(std::size_t frames_max = 256) {
    auto transport = std::make_shared<FakeTransport>(io_, frames_max);
    std::promise<void> done;
    io_.post([&] {  // as the server does: what the endpoint posts waits until it is there
      transport->connect(hub_.open(Request{}, transport));
      done.set_value();
    });
    done.get_future().wait();
    return transport;
  }
  /// Connected, and hello said; the reply is not read yet. No cursor: only what comes from now on.
  std::shared_ptr<FakeTransport> hello(msg::UserId user, std::optional<std::string> cursor = {},
                                       std::size_t frames_max = 256) {
    auto transport = connect(frames_max);
    json::object frame{{"id", 1}, {"op", "hello"}, {"token", token(user)}};
    if (cursor) frame["cursor"] = *cursor;
    transport->say(json::serialize(frame));
    return transport;
  }
  /// An event stream; nothing when it was refused. The token is a new one of the user.
  std::shared_ptr<FakeTransport> stream(msg::UserId user, std::optional<std::string> cursor = {},
                                        std::size_t frames_max = 256) {
    const auto made = hub_.open_stream(request(user, std::move(cursor)));
    if (!made) return nullptr;
    auto transport = std::make_shared<FakeTransport>(io_, frames_max);
    io_.post([transport, make = *made] { transport->connect(make(transport)); });
    return transport;
  }
  LiveRequest request(msg::UserId user, std::optional<std::string> cursor) {
    auto principal = *messenger_->authenticate(token(user));
    return {.principal = std::move(principal), .user = user, .cursor = std::move(cursor)};
  }
  Services& services() { return services_; }
  msg::Presence& presence() { return presence_; }
  msg::Message send(msg::UserId sender, std::string content, std::string client_id = {}) {
    return *messenger_->send({.conversation = room_,
                              .sender = sender,
                              .content = std::move(content),
                              .client_id = std::move(client_id)});
  }

 private:
  std::unique_ptr<msg::Messenger> messenger_;
  msg::Presence presence_{*messenger_, {.offline_after = {}}};
  ReportedPresence reported_presence_{presence_};
  Metrics metrics_{{}};
  Timer timer_;
  RateLimits limits_{{.on = false}};
  WorkerPool workers_{{.threads = 2, .queue_max = 256}};
  Services services_{
      .messenger = *messenger_,
      .presence = presence_,
      .reported_presence = reported_presence_,
      .metrics = metrics_,
      .limits = limits_,
      .offload = [this](auto work, Urgency) { return workers_.try_post(std::move(work)); },
      .after = [this](auto delay, auto work) { timer_.after(delay, std::move(work)); },
      .session_revoked = {},
      .key_revoked = {},
      .append_metrics = {},
      .open_stream = [this](auto request) { return hub_.open_stream(std::move(request)); },
      .sync =
          [this](auto request, auto wait) {
            LongPoll::begin(services_, hub_, std::move(request), std::move(wait));
          }};
  LiveHub hub_;
  FakeIo io_;  // ends first: nothing of a session runs after it
  msg::UserId alice_{};
  msg::UserId bob_{};
  msg::ConversationId room_{};
};

}  // namespace msgd::test
