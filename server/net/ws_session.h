// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/context.h"
#include "net/io_thread.h"
#include "net/ws_frames.h"
#include "net/ws_transport.h"

namespace msgd {

/// One WebSocket connection: our own frames on the socket, no stream layer between, so that all
/// that is queued leaves in one writev and a frame for many receivers is encoded once.
///
///   other threads:  send() -> queue_ --post_flush() once-+
///   I/O thread:     flush(): queue_ + pong, ping, close -> writing_ -> sendmsg -> on_drained()
///                   on_readable(): scratch -> WsFrameParser -> endpoint
///
/// Closing: what is queued, then the close frame, then at most ws_close_timeout for the peer's.
/// Once that is there, or after a violation, when the peer's frames cannot be told apart any more,
/// it is sent a FIN as well, and what it sends until its own is thrown away.
///
/// Lifetime: kept by its pending operations and by whoever holds the WsTransport. The endpoint
/// holds the transport and the transport the endpoint; the end of the connection undoes that.
/// Thread safety: WsTransport's methods from any thread; the rest on the I/O thread.
class WsSession final : public WsTransport,
                        public std::enable_shared_from_this<WsSession>,
                        private Flushable,
                        private TimerEntry,
                        private ConnectionHook {
 public:
  WsSession(std::shared_ptr<ServerContext> context, IoThread& io, TcpSocket socket,
            Admission::Ticket ticket);
  ~WsSession() override;

  /// First call, on the I/O thread. `answer`: the bytes of the 101; `rest`: what arrived behind
  /// the upgrade request.
  void start(const Request& upgrade, std::string answer, std::string rest);

  bool send(SharedFrame frame) override;
  bool send_ephemeral(SharedFrame frame) override;
  void close(std::uint16_t code, std::string reason) override;
  void prove() override;
  void post(std::function<void()> work) override;

 private:
  void on_timer(TimePoint now) override;
  void begin_drain() override;
  void abort() override;

  template <class Work>
  void guarded(const Work& work);

  bool enqueue(SharedFrame frame, std::size_t frames_max, std::size_t bytes_max);
  void schedule_flush();  // with mutex_ held
  void flush() override;
  void refill();
  bool write();
  void written(std::size_t bytes);
  void all_written();
  void release_buffers();

  void wait_readable();
  void on_readable();
  void take(std::span<char> bytes);
  void take_event(const WsEvent& event);
  void discard_from_here();
  void set_timer(TimePoint now);

  std::shared_ptr<ServerContext> context_;
  IoThread& io_;
  const std::shared_ptr<IoGate> gate_;

  std::mutex mutex_;  // guards from here
  std::vector<SharedFrame> queue_;
  std::size_t pending_frames_{0};  // queued and being written, of the endpoint
  std::size_t pending_bytes_{0};
  SharedFrame close_frame_;
  bool flush_scheduled_{false};
  bool closing_{false};  // nothing is taken any more
  // to here

  std::optional<TcpSocket> socket_;
  std::optional<Admission::Ticket> ticket_;
  std::unique_ptr<WsEndpoint> endpoint_;
  WsFrameParser parser_;
  std::vector<SharedFrame> writing_;
  std::size_t writing_first_{0};   // the frame whose bytes go next
  std::size_t writing_offset_{0};  // bytes of it that went
  std::size_t uncounted_{0};       // how many at its front are not the endpoint's
  SharedFrame pong_;               // only the latest is owed (RFC 6455 §5.5.3)
  TimePoint last_heard_{};
  TimePoint next_ping_{};
  TimePoint write_since_{};  // last progress while a write waits
  TimePoint close_sent_{};
  std::size_t discarded_{0};
  bool ping_due_{false};
  bool drained_due_{false};  // frames of the endpoint are on their way
  bool write_waits_{false};
  bool close_written_{false};
  bool discarding_{false};  // the peer has closed, or broke the protocol
  bool gone_{false};
};

}  // namespace msgd
