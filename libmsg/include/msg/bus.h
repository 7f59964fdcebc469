// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg {

/// How a bus fares, since it was opened.
struct BusState {
  bool connected{false};
  std::uint64_t sent{0};      ///< Handed to the other end, whether or not anybody listens there.
  std::uint64_t received{0};  ///< From others and from here.
  std::uint64_t dropped{0};   ///< Not sent: nobody was connected, or too much was waiting.
};

/// Carries hints between the processes on one store: that something was committed, who is about to
/// write, who is there. Whatever it loses, doubles or reorders costs time and no message, because
/// the store has it all; so it promises nothing but to be quick and to need little memory.
///
/// Thread safety: all calls from any thread.
class Bus {
 public:
  using Handler = std::function<void(std::string_view payload)>;

  /// Ends the connection; afterwards no handler runs any more.
  virtual ~Bus() = default;

  /// To every process that listens on the channel, this one included. Never waits: what cannot be
  /// sent soon is dropped. A channel is a short word; a payload has at most kBusPayloadMax bytes.
  virtual void publish(std::string_view channel, std::string payload) = 0;

  /// Called with every payload of the channel from now on, from a thread of the bus, one at a time.
  /// The handler must be quick. Once for each channel.
  virtual void listen(std::string_view channel, Handler handler) = 0;

  /// After it no handler of the channel runs. Not from inside one.
  virtual void stop_listening(std::string_view channel) = 0;

  virtual BusState state() const = 0;
};
inline constexpr std::size_t kBusPayloadMax = std::size_t{512} * 1024;

struct BusOptions {
  /// Of a connection: to make it, and for the other end to show that it lives.
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  /// Between two attempts to connect, at most.
  std::chrono::milliseconds reconnect_max = std::chrono::seconds(2);
  /// Bytes that wait to be sent. Beyond that a payload is dropped.
  std::size_t waiting_bytes_max = std::size_t{8} << 20;
  /// As Options::log.
  std::function<void(std::string_view line)> log;
};

/// nats://[user[:password]@]host[:port] or tls://… likewise, redis://[user[:password]@]host[:port],
/// or memory:NAME, which connects what is in this process and is what the others are held to.
/// Without a connection it opens all the same, and connects when it can.
///
/// invalid_argument, field "bus": not such a URL, or of a kind that this library was built without.
Result<std::shared_ptr<Bus>> open_bus(std::string_view url, const BusOptions& options = {});

}  // namespace msg
