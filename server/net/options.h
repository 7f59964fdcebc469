// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/ip_address.h"

namespace msgd {

/// Bounds of what a request head may look like; beyond them stands a 4xx and the end.
struct HeadLimits {
  std::size_t head_bytes_max{8 * 1024};
  std::size_t line_bytes_max{4 * 1024};
  std::size_t target_bytes_max{2 * 1024};
  std::size_t fields_max{64};
  std::size_t body_bytes_max{256 * 1024};
};

/// Bounds of what a WebSocket client may send.
struct WsLimits {
  std::size_t message_bytes_max{64 * 1024};
  unsigned fragments_max{1024};
  unsigned frames_per_second_max{100};
  unsigned pings_per_second_max{20};
};

/// In PEM. Both empty: no TLS.
struct TlsFiles {
  std::string certificate;  ///< The server's own, then those that lead to a known authority.
  std::string key;          ///< Without a passphrase, and hidden from other users.
};

enum class ForwardedHeader : std::uint8_t { x_forwarded_for, forwarded };

/// Who may say on whose behalf it connects.
struct TrustedProxies {
  std::vector<IpRange> ranges;
  ForwardedHeader header{ForwardedHeader::x_forwarded_for};  ///< The one that they write.
};

/// Everything the network layer may be told. The defaults are the ones of the server.
struct ServerOptions {
  using Milliseconds = std::chrono::milliseconds;

  std::string address{"127.0.0.1"};  ///< Numeric, IPv6 without brackets.
  std::uint16_t port{3000};          ///< 0: any free one.
  bool own_pages{false};             ///< There are pages at it, which may open WebSockets.
  unsigned io_threads{1};
  TlsFiles tls;
  std::vector<std::string> origins;  ///< Of web pages that may use the server.
  TrustedProxies proxies;

  HeadLimits head;
  WsLimits ws;

  Milliseconds head_timeout{10'000};
  Milliseconds body_timeout{15'000};
  Milliseconds body_grace{5'000};  ///< After it the rate below is asked for.
  std::size_t body_bytes_per_second_min{1024};
  Milliseconds write_timeout{10'000};  ///< Without any progress.
  /// An answer of so many bytes gets this much longer in all.
  std::size_t write_bytes_per_second_min{4096};
  Milliseconds keep_alive_timeout{60'000};
  Milliseconds linger_timeout{2'000};  ///< For the peer to read a last answer.
  unsigned requests_per_connection_max{1000};

  /// Requests inside the handler at once; one more is answered 503.
  std::size_t in_flight_max{1024};
  std::size_t connections_max{10'000};
  /// A connection is unproven until it has shown a good token.
  std::size_t unproven_max{2'000};
  /// Per IPv4 address or IPv6 /64. Loopback and trusted proxies are exempt.
  std::size_t unproven_per_address_max{64};
  std::size_t connections_per_address_max{1024};

  /// Frames and bytes that wait for a slow reader; one frame may always wait.
  std::size_t outbox_frames_max{256};
  std::size_t outbox_bytes_max{1024 * 1024};
  Milliseconds ws_ping_interval{30'000};
  Milliseconds ws_silence_timeout{60'000};
  Milliseconds ws_close_timeout{5'000};

  /// From begin_drain() until what is left may be cut off. Three quarters are for coming to an end
  /// in peace, the last is for the handshakes of those closed because they have not.
  Milliseconds drain_timeout{10'000};
  /// WebSockets and event streams are ended one after the other over this time, at most half of
  /// the timeout, and less when they are few.
  Milliseconds drain_spread{5'000};
  /// The peer is told to wait up to this long before it connects again.
  Milliseconds drain_window{10'000};
};

}  // namespace msgd
