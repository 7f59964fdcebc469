// SPDX-License-Identifier: Apache-2.0
#include "bus/buses.h"

#ifdef MSG_HAS_NATS

#include <set>
#include <thread>
#include <utility>

#include "bus/nats_link.h"
#include "bus/outbox.h"

namespace msg {
namespace {

/// Core NATS: at most once, which is all that a hint needs. The C client has threads of its own;
/// but publishing writes to the socket, which may block, so it has a thread of ours. The client
/// reconnects, until it is refused: by TLS, or twice for the password. Then we go on for it.
class NatsBus final : public Bus {
 public:
  NatsBus(BusUrl url, BusOptions options)
      : url_(std::move(url)),
        options_(std::move(options)),
        outbox_(options_.waiting_bytes_max),
        inbound_(std::make_shared<NatsInbound>(url_.prefix.size() + 1, options_.log)) {}

  ~NatsBus() override {
    inbound_->end();
    outbox_.stop();
    if (writer_.joinable()) writer_.join();
  }

  Result<void> open() {
    MSG_CHECK(connect());
    writer_ = std::thread([this] { write_loop(); });
    return {};
  }

  void publish(std::string_view channel, std::string payload) override {
    if (inbound_->connected && outbox_.push(channel, std::move(payload))) return;
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }

  void listen(std::string_view channel, Handler handler) override {
    inbound_->channels.listen(channel, std::move(handler));
    const std::scoped_lock lock(mutex_);
    link_->listen(*listened_.emplace(channel).first);
  }

  void stop_listening(std::string_view channel) override {
    inbound_->channels.stop_listening(channel);
    const std::scoped_lock lock(mutex_);
    listened_.erase(std::string(channel));
    link_->stop_listening(channel);
  }

  BusState state() const override {
    return {.connected = inbound_->connected,
            .sent = sent_,
            .received = inbound_->received,
            .dropped = dropped_};
  }

 private:
  Result<void> connect() {
    auto link = std::make_unique<NatsLink>(url_, options_, inbound_);
    MSG_CHECK(link->open());
    const std::scoped_lock lock(mutex_);
    for (const auto& channel : listened_) link->listen(channel);
    link_ = std::move(link);
    return {};
  }

  void write_loop() {
    while (!outbox_.is_stopping()) {
      if (inbound_->given_up) {
        if (!outbox_.pause(options_.reconnect_max)) return;
        inbound_->given_up = false;
        if (!connect()) inbound_->given_up = true;  // no memory; it was possible before
        continue;
      }
      for (const auto& letter : outbox_.take(kLook)) {
        auto& count = link_->publish(letter.channel, letter.payload) ? sent_ : dropped_;
        count.fetch_add(1, std::memory_order_relaxed);
      }
    }
  }

  /// How soon it is seen that the client has given up.
  static constexpr std::chrono::milliseconds kLook{500};

  const BusUrl url_;
  const BusOptions options_;
  Outbox outbox_;
  const std::shared_ptr<NatsInbound> inbound_;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::mutex mutex_;  ///< Of what follows, but for the writer's reading of `link_`.
  std::unique_ptr<NatsLink> link_;
  std::set<std::string> listened_;
  std::thread writer_;
};

}  // namespace

Result<std::shared_ptr<Bus>> open_nats_bus(const BusUrl& url, const BusOptions& options) {
  auto bus = std::make_shared<NatsBus>(url, options);
  MSG_CHECK(bus->open());
  return bus;
}

}  // namespace msg

#else

namespace msg {

Result<std::shared_ptr<Bus>> open_nats_bus(const BusUrl& /*url*/, const BusOptions& /*options*/) {
  return bad_bus("This libmsg was built without NATS (libnats-dev).");
}

}  // namespace msg

#endif
