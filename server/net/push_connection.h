// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/context.h"
#include "net/io_thread.h"
#include "net/net_stream.h"
#include "net/ws_transport.h"

namespace msgd {

/// A connection that is pushed to: the bounded outbox, the one place that writes, the deadlines and
/// the end, orderly or not. What stands in the frames, and what the peer may say, its kinds know.
///
///   other threads:  send() -> queue_ --post_flush() once-+
///   I/O thread:     flush(): control + queue_ -> writing_ -> one write -> on_drained()
///                   on_readable(): scratch -> take()
///
/// Closing: what is queued, then the closing frame, then at most ws_close_timeout for the peer's.
/// Once discard_from_here() was called it is sent a FIN as well, and what it sends until its own is
/// thrown away.
///
/// Shutdown: at its turn within the drain's spread the endpoint is told; when it has not closed by
/// the drain's deadline, this closes.
///
/// Lifetime: kept by its pending operations and by whoever holds the WsTransport. The endpoint
/// holds the transport and the transport the endpoint; the end of the connection undoes that.
/// Thread safety: WsTransport's methods from any thread; the rest on the I/O thread.
class PushConnection : public WsTransport,
                       public std::enable_shared_from_this<PushConnection>,
                       private Flushable,
                       private TimerEntry,
                       private ConnectionHook {
 public:
  ~PushConnection() override;

  bool send(SharedFrame frame) override;
  bool send_ephemeral(SharedFrame frame) override;
  void close(std::uint16_t code, std::string reason) override;
  void prove() override;
  void post(std::function<void()> work) override;

 protected:
  /// `count` of open connections of this kind.
  PushConnection(std::shared_ptr<ServerContext> context, IoThread& io, NetStream stream,
                 std::optional<Admission::Ticket> ticket, std::atomic<std::size_t>& count);

  using MakeEndpoint = std::function<std::unique_ptr<WsEndpoint>(std::shared_ptr<WsTransport>)>;
  /// First call. `answer`: the bytes of the response; `rest`: what arrived behind the request.
  void run(const MakeEndpoint& make_endpoint, std::string answer, std::string rest);

  /// Frames that answer for the connection and overtake the endpoint's. Few.
  virtual void add_control(std::vector<SharedFrame>& out) = 0;
  virtual SharedFrame keep_alive_frame() = 0;
  virtual SharedFrame closing_frame(std::uint16_t code, std::string_view reason) = 0;
  /// Bytes of the peer; not called any more once they are discarded.
  virtual void take(std::span<char> bytes) = 0;
  /// Whether a peer that says nothing for ws_silence_timeout is dropped.
  virtual bool must_speak() const = 0;

  bool gone() const { return gone_; }
  bool discarding() const { return discarding_; }
  bool closing();
  /// Whatever else is in `bytes`, and comes, is thrown away.
  void discard_from_here();
  void discard(std::size_t bytes);
  void wake_writer();
  void set_option(int level, int name, unsigned value);
  WsEndpoint* endpoint() { return endpoint_.get(); }
  const ServerOptions& options() const { return context_->options; }

  /// What `work` throws ends this connection and no other.
  template <class Work>
  void guarded(const Work& work) {
    try {
      work();
    } catch (const std::exception& error) {
      failed(error.what());
    }
  }

 private:
  void on_timer(TimePoint now) override;
  void begin_drain() override;
  void abort() override;

  bool enqueue(SharedFrame frame, std::size_t frames_max, std::size_t bytes_max);
  void schedule_flush();  // with mutex_ held
  void flush() override;
  void refill();
  bool write();
  void written(std::size_t bytes);
  void all_written();
  void release_buffers();

  void failed(const char* what);
  void wait_readable();
  void on_readable();
  void set_timer(TimePoint now);
  bool is_over(TimePoint now);
  void shut_down(TimePoint now);
  std::chrono::milliseconds reconnect_delay();

  std::shared_ptr<ServerContext> context_;
  IoThread& io_;
  const std::shared_ptr<IoGate> gate_;
  std::atomic<std::size_t>& count_;

  std::mutex mutex_;  // guards from here
  std::vector<SharedFrame> queue_;
  std::size_t pending_frames_{0};  // queued and being written, of the endpoint
  std::size_t pending_bytes_{0};
  SharedFrame close_frame_;
  bool flush_scheduled_{false};
  bool closing_{false};  // nothing is taken any more
  // to here

  std::optional<NetStream> stream_;
  std::optional<Admission::Ticket> ticket_;
  std::unique_ptr<WsEndpoint> endpoint_;
  std::vector<SharedFrame> writing_;
  std::size_t writing_first_{0};   // the frame whose bytes go next
  std::size_t writing_offset_{0};  // bytes of it that went
  std::size_t uncounted_{0};       // how many at its front are not the endpoint's
  TimePoint last_heard_{};
  TimePoint next_ping_{};
  TimePoint write_since_{};  // last progress while a write waits
  TimePoint close_sent_{};
  TimePoint shutdown_due_{};  // the endpoint's turn, then the deadline; none: no shutdown
  std::size_t discarded_{0};
  bool ping_due_{false};
  bool drained_due_{false};  // frames of the endpoint are on their way
  bool write_waits_{false};
  bool close_written_{false};
  bool discarding_{false};  // the peer has closed, or broke the protocol, or has nothing to say
  bool told_{false};        // the endpoint knows of the shutdown
  bool gone_{false};
};

}  // namespace msgd
