// SPDX-License-Identifier: Apache-2.0
#include "bus/buses.h"

#ifdef MSG_HAS_NATS

#include <nats/nats.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "bus/channels.h"
#include "bus/outbox.h"

namespace msg {
namespace {

// While it is not connected: hints of minutes ago help nobody, those who were cut off look into the
// store.
constexpr int kReconnectBytes = 64 * 1024;

struct Delete {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsSubscription* subscription) const {
    natsSubscription_Unsubscribe(subscription);
    natsSubscription_Destroy(subscription);
  }
};
using OptionsPtr = std::unique_ptr<natsOptions, Delete>;
using SubscriptionPtr = std::unique_ptr<natsSubscription, Delete>;

/// Core NATS: at most once, which is all that a hint needs. The C client reconnects and has threads
/// of its own; but publishing writes to the socket, which may block, so it has a thread of ours.
class NatsBus final : public Bus {
 public:
  NatsBus(BusUrl url, BusOptions options)
      : url_(std::move(url)), options_(std::move(options)), outbox_(options_.waiting_bytes_max) {}

  ~NatsBus() override {
    channels_.stop_all();  // the client's threads may go on for a moment
    outbox_.stop();
    if (writer_.joinable()) writer_.join();
    subscriptions_.clear();
    if (connection_ == nullptr) return;
    natsConnection_Close(connection_);
    natsConnection_Destroy(connection_);
  }

  Result<void> open() {
    natsOptions* made = nullptr;
    if (natsOptions_Create(&made) != NATS_OK) return fail(Code::unavailable, "NATS: no memory");
    const OptionsPtr keeper(made);
    const int port = url_.port == 0 ? 4222 : url_.port;
    const bool has_colon = url_.host.find(':') != std::string::npos;
    const std::string where =
        "nats://" + (has_colon ? '[' + url_.host + ']' : url_.host) + ':' + std::to_string(port);
    natsOptions_SetURL(made, where.c_str());
    if (!url_.user.empty()) {
      natsOptions_SetUserInfo(made, url_.user.c_str(), url_.password.c_str());
    }
    if (url_.scheme == "tls") natsOptions_SetSecure(made, true);
    natsOptions_SetName(made, "libmsg");
    natsOptions_SetTimeout(made, options_.timeout.count());
    natsOptions_SetPingInterval(made, options_.timeout.count());
    natsOptions_SetMaxPingsOut(made, 1);
    natsOptions_SetWriteDeadline(made, options_.timeout.count());
    natsOptions_SetMaxReconnect(made, -1);
    natsOptions_SetReconnectWait(made, options_.reconnect_max.count());
    natsOptions_SetReconnectJitter(made, options_.reconnect_max.count() / 4,
                                   options_.reconnect_max.count() / 4);
    natsOptions_SetReconnectBufSize(made, kReconnectBytes);
    natsOptions_SetFailRequestsOnDisconnect(made, true);
    natsOptions_SetRetryOnFailedConnect(made, true, on_connected, this);
    natsOptions_SetReconnectedCB(made, on_connected, this);
    natsOptions_SetDisconnectedCB(made, on_disconnected, this);
    const natsStatus status = natsConnection_Connect(&connection_, made);
    if (status == NATS_OK) {
      connected_ = true;
    } else if (status != NATS_NOT_YET_CONNECTED) {
      return bad_bus(std::string("NATS refuses this URL: ") + natsStatus_GetText(status));
    }
    writer_ = std::thread([this] { write_loop(); });
    return {};
  }

  void publish(std::string_view channel, std::string payload) override {
    if (connected_ && outbox_.push(channel, std::move(payload))) return;
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }

  void listen(std::string_view channel, Handler handler) override {
    channels_.listen(channel, std::move(handler));
    natsSubscription* made = nullptr;
    const auto status =
        natsConnection_Subscribe(&made, connection_, subject(channel).c_str(), on_message, this);
    if (status != NATS_OK) return log("NATS: cannot listen", natsStatus_GetText(status));
    natsSubscription_SetPendingLimits(made, -1, static_cast<int>(options_.waiting_bytes_max));
    const std::scoped_lock lock(mutex_);
    subscriptions_.insert_or_assign(std::string(channel), SubscriptionPtr(made));
  }

  void stop_listening(std::string_view channel) override {
    channels_.stop_listening(channel);
    const std::scoped_lock lock(mutex_);
    const auto found = subscriptions_.find(channel);
    if (found != subscriptions_.end()) subscriptions_.erase(found);
  }

  BusState state() const override {
    return {.connected = connected_, .sent = sent_, .received = received_, .dropped = dropped_};
  }

 private:
  void write_loop() {
    while (!outbox_.is_stopping()) {
      for (const auto& letter : outbox_.take(options_.timeout)) {
        const auto status =
            natsConnection_Publish(connection_, subject(letter.channel).c_str(),
                                   letter.payload.data(), static_cast<int>(letter.payload.size()));
        (status == NATS_OK ? sent_ : dropped_).fetch_add(1, std::memory_order_relaxed);
      }
    }
  }

  std::string subject(std::string_view channel) const {
    return url_.prefix + '.' + std::string(channel);
  }

  void log(std::string_view what, std::string_view why) const {
    if (options_.log) options_.log(std::string(what) + ": " + std::string(why));
  }

  static void on_message(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                         natsMsg* message, void* self) {
    auto& bus = *static_cast<NatsBus*>(self);
    const std::string_view name(natsMsg_GetSubject(message));
    const std::string_view payload(natsMsg_GetData(message),
                                   static_cast<std::size_t>(natsMsg_GetDataLength(message)));
    bus.received_.fetch_add(1, std::memory_order_relaxed);
    if (name.size() > bus.url_.prefix.size()) {
      bus.channels_.hand_over(name.substr(bus.url_.prefix.size() + 1), payload);
    }
    natsMsg_Destroy(message);
  }

  static void on_connected(natsConnection* /*connection*/, void* self) {
    auto& bus = *static_cast<NatsBus*>(self);
    if (!bus.connected_.exchange(true)) bus.log("bus", "connected");
  }

  static void on_disconnected(natsConnection* /*connection*/, void* self) {
    auto& bus = *static_cast<NatsBus*>(self);
    if (bus.connected_.exchange(false)) bus.log("bus", "the connection is lost");
  }

  const BusUrl url_;
  const BusOptions options_;
  Outbox outbox_;
  Channels channels_;
  std::atomic<bool> connected_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> dropped_{0};
  natsConnection* connection_{nullptr};
  std::mutex mutex_;
  std::map<std::string, SubscriptionPtr, std::less<>> subscriptions_;
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
