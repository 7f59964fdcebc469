// SPDX-License-Identifier: Apache-2.0
#include "bus/nats_link.h"

#ifdef MSG_HAS_NATS

#include <utility>

#include "bus/buses.h"

namespace msg {
namespace {

// While it is not connected: hints of minutes ago help nobody, those who were cut off look into the
// store.
constexpr int kReconnectBytes = 64 * 1024;

/// A share of it that the client holds.
using Share = std::shared_ptr<NatsInbound>;

NatsInbound& inbound_of(void* share) {
  return **static_cast<Share*>(share);
}

void give_back(void* share) {
  delete static_cast<Share*>(share);
}

void on_message(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                natsMsg* message, void* share) {
  inbound_of(share).take(
      natsMsg_GetSubject(message),
      {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))});
  natsMsg_Destroy(message);
}

void on_connected(natsConnection* /*connection*/, void* share) {
  inbound_of(share).set_connected(true);
}

void on_disconnected(natsConnection* /*connection*/, void* share) {
  inbound_of(share).set_connected(false);
}

/// The last that comes of a connection.
void on_closed(natsConnection* connection, void* share) {
  const char* why = nullptr;
  natsConnection_GetLastError(connection, &why);
  inbound_of(share).give_up(why == nullptr ? "" : why);
  give_back(share);
}

}  // namespace

void NatsInbound::end() {
  channels.stop_all();
  const std::scoped_lock lock(mutex_);
  log_ = nullptr;
}

void NatsInbound::take(std::string_view subject, std::string_view payload) {
  received.fetch_add(1, std::memory_order_relaxed);
  if (subject.size() > subject_prefix_) {
    channels.hand_over(subject.substr(subject_prefix_), payload);
  }
}

void NatsInbound::set_connected(bool is_connected) {
  if (connected.exchange(is_connected) == is_connected) return;
  const std::scoped_lock lock(mutex_);
  if (is_connected) last_reason_.clear();
  if (log_) log_(is_connected ? "bus: connected" : "bus: the connection is lost");
}

void NatsInbound::give_up(std::string_view why) {
  connected = false;
  given_up = true;
  const std::scoped_lock lock(mutex_);
  if (log_ && why != last_reason_) log_("bus: NATS: " + std::string(why));
  last_reason_ = why;
}

void NatsLink::Delete::operator()(natsSubscription* subscription) const {
  natsSubscription_Unsubscribe(subscription);
  natsSubscription_Destroy(subscription);
}

NatsLink::NatsLink(const BusUrl& url, const BusOptions& options,
                   std::shared_ptr<NatsInbound> inbound)
    : url_(url), options_(options), inbound_(std::move(inbound)) {}

NatsLink::~NatsLink() {
  subscriptions_.clear();
  if (connection_ == nullptr) return;
  natsConnection_Close(connection_);
  natsConnection_Destroy(connection_);
}

NatsLink::OptionsPtr NatsLink::make_options() const {
  natsOptions* made = nullptr;
  if (natsOptions_Create(&made) != NATS_OK) return nullptr;
  OptionsPtr keeper(made);
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
  return keeper;
}

Result<void> NatsLink::open() {
  const OptionsPtr options = make_options();
  if (!options) return fail(Code::unavailable, "NATS: no memory");
  auto share = std::make_unique<Share>(inbound_);
  natsOptions_SetRetryOnFailedConnect(options.get(), true, on_connected, share.get());
  natsOptions_SetReconnectedCB(options.get(), on_connected, share.get());
  natsOptions_SetDisconnectedCB(options.get(), on_disconnected, share.get());
  natsOptions_SetClosedCB(options.get(), on_closed, share.get());
  const natsStatus status = natsConnection_Connect(&connection_, options.get());
  if (connection_ != nullptr) share.release();  // on_closed() gives it back
  if (status == NATS_OK) {
    inbound_->set_connected(true);
  } else if (status != NATS_NOT_YET_CONNECTED) {
    return bad_bus(std::string("NATS refuses this URL: ") + natsStatus_GetText(status));
  }
  return {};
}

bool NatsLink::publish(std::string_view channel, std::string_view payload) {
  return natsConnection_Publish(connection_, subject(channel).c_str(), payload.data(),
                                static_cast<int>(payload.size())) == NATS_OK;
}

/// In vain when the connection has been given up: whoever makes the next one listens again.
void NatsLink::listen(const std::string& channel) {
  natsSubscription* made = nullptr;
  auto share = std::make_unique<Share>(inbound_);
  if (natsConnection_Subscribe(&made, connection_, subject(channel).c_str(), on_message,
                               share.get()) != NATS_OK) {
    return;
  }
  natsSubscription_SetOnCompleteCB(made, give_back, share.release());
  natsSubscription_SetPendingLimits(made, -1, static_cast<int>(options_.waiting_bytes_max));
  subscriptions_.insert_or_assign(channel, SubscriptionPtr(made));
}

void NatsLink::stop_listening(std::string_view channel) {
  const auto found = subscriptions_.find(channel);
  if (found != subscriptions_.end()) subscriptions_.erase(found);
}

std::string NatsLink::subject(std::string_view channel) const {
  return url_.prefix + '.' + std::string(channel);
}

}  // namespace msg

#endif
