// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "net/context.h"
#include "net/http_head.h"
#include "net/http_response.h"
#include "net/io_thread.h"
#include "net/net_stream.h"

namespace msgd {

/// One HTTP/1.1 connection: reads a request through the guard, hands it to the handler, writes the
/// answer, one at a time, and becomes a WsSession on an upgrade.
///
///   idle -> head -> body -> handling -> writing -> idle
///                     any of them -> writing -> lingering -> closed
///
/// No read is pending but in idle, head, body and lingering: a client that sends ahead waits in
/// the kernel's buffer. Reading waits for readiness and then reads into the thread's scratch, so
/// an idle connection holds no buffer.
///
/// Lifetime: kept by its pending operation, or by the Responder while the handler has it.
/// Thread safety: everything on its I/O thread.
class HttpSession final : public std::enable_shared_from_this<HttpSession>,
                          private TimerEntry,
                          private ConnectionHook {
 public:
  HttpSession(std::shared_ptr<ServerContext> context, IoThread& io, NetStream stream,
              Admission::Ticket ticket, const IpAddress& peer);

  /// First call, on the I/O thread.
  void start();
  /// First call instead: whatever is asked is answered with this.
  void refuse(const HttpFault& fault);

 private:
  friend class Reply;  // brings the answer back from whatever thread it was made on
  enum class Phase : std::uint8_t { idle, head, body, handling, writing, lingering, closed };

  void on_timer(TimePoint now) override;
  void begin_drain() override;
  void abort() override;

  /// Nothing that a connection's work throws reaches another connection.
  template <class Work>
  void guarded(Work work) {
    try {
      work();
    } catch (const std::exception& error) {
      failed(error.what());
    }
  }
  void failed(const char* what);

  void wait_readable();
  void on_readable();
  bool take_input();
  void pump();
  bool begin_body();
  void check_body_rate(TimePoint now);
  void dispatch();
  bool count_client();
  void offer(Request request);
  void upgrade(Request request);

  void fail(const HttpFault& fault);
  void respond(Response response);
  void begin_stream(const StreamFactory& make_endpoint);
  void write();
  void finish_response();
  void linger();

  void take_request_id();
  void log_request();

  std::shared_ptr<ServerContext> context_;
  IoThread& io_;
  std::optional<NetStream> stream_;
  std::optional<Admission::Ticket> ticket_;
  const IpAddress peer_;
  IpAddress client_;  // who the request comes from
  Phase phase_{Phase::idle};
  bool waiting_{false};  // for the socket to become readable
  bool close_after_{false};
  bool head_only_{false};
  unsigned requests_{0};

  std::string in_;  // arrived and not yet taken
  HeadParser parser_;
  HttpHead head_;
  std::string body_;
  std::string path_;  // for the log
  std::string request_id_;
  TimePoint request_start_{};
  TimePoint body_start_{};
  TimePoint write_until_{};

  std::string out_head_;
  std::string out_body_;
  std::size_t out_sent_{0};
  int out_status_{0};
  std::size_t lingered_{0};  // bytes thrown away
};

}  // namespace msgd
