// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifdef MSG_HAS_NATS

#include <nats/nats.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "bus/bus_url.h"
#include "bus/channels.h"

namespace msg {

/// What the client's threads touch. They may go on for a moment after the bus has ended, so it
/// lives until the client says that they won't come again; after end() they do nothing with it.
///
/// Thread safety: all from any thread.
class NatsInbound {
 public:
  using Log = decltype(BusOptions::log);

  NatsInbound(std::size_t subject_prefix, Log log)
      : subject_prefix_(subject_prefix), log_(std::move(log)) {}

  void end();
  void take(std::string_view subject, std::string_view payload);
  void set_connected(bool is_connected);
  /// The client has given up this connection for good. Says so once for each reason.
  void give_up(std::string_view why);

  Channels channels;
  std::atomic<bool> connected{false};
  std::atomic<bool> given_up{false};
  std::atomic<std::uint64_t> received{0};

 private:
  const std::size_t subject_prefix_;  ///< How much of a subject comes before the channel.
  std::mutex mutex_;
  Log log_;
  std::string last_reason_;
};

/// A connection that the client makes, and makes anew as long as it wants to.
///
/// Thread safety: publish() from one thread at a time, listen() and stop_listening() likewise.
class NatsLink {
 public:
  NatsLink(const BusUrl& url, const BusOptions& options, std::shared_ptr<NatsInbound> inbound);
  ~NatsLink();
  NatsLink(const NatsLink&) = delete;
  NatsLink& operator=(const NatsLink&) = delete;

  /// invalid_argument, field "bus".
  Result<void> open();
  bool publish(std::string_view channel, std::string_view payload);
  void listen(const std::string& channel);
  void stop_listening(std::string_view channel);

 private:
  struct Delete {
    void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
    void operator()(natsSubscription* subscription) const;
  };
  using OptionsPtr = std::unique_ptr<natsOptions, Delete>;
  using SubscriptionPtr = std::unique_ptr<natsSubscription, Delete>;

  OptionsPtr make_options() const;
  std::string subject(std::string_view channel) const;

  const BusUrl& url_;
  const BusOptions& options_;
  const std::shared_ptr<NatsInbound> inbound_;
  natsConnection* connection_{nullptr};
  std::map<std::string, SubscriptionPtr, std::less<>> subscriptions_;
};

}  // namespace msg

#endif
