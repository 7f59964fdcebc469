// SPDX-License-Identifier: Apache-2.0
//
// The second half of HttpSession: from the handler to the wire.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <utility>

#include "net/cors.h"
#include "net/event_stream.h"
#include "net/http_session.h"
#include "ops/log.h"

namespace msgd {
namespace {

constexpr HttpFault kOverloaded{
    .status = 503, .code = "overloaded", .detail = "Too many requests at once; try again."};
constexpr HttpFault kInternal{.status = 500, .code = "internal", .detail = "A fault of ours."};

}  // namespace

/// The way back from the handler: answers once, and answers 500 when it is dropped unused.
class Reply {
 public:
  explicit Reply(std::shared_ptr<HttpSession> session)
      : context_(session->context_), gate_(session->io_.gate()), session_(std::move(session)) {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() {
    if (answered_.exchange(true)) return;
    const std::string id = session_->request_id_;  // the session rests: nobody writes it now
    send(problem_response(kInternal, id));
  }

  void answer(Response response) {
    if (!answered_.exchange(true)) send(std::move(response));
  }

  /// Worked on no more, though not answered.
  void park() {
    if (!parked_.exchange(true)) context_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  void send(Response response) {
    park();
    auto work = [session = std::move(session_), response = std::move(response)]() mutable {
      session->guarded([&] { session->respond(std::move(response)); });
    };
    gate_->post(std::move(work));
  }

  std::shared_ptr<ServerContext> context_;
  std::shared_ptr<IoGate> gate_;
  std::shared_ptr<HttpSession> session_;
  std::atomic<bool> answered_{false};
  std::atomic<bool> parked_{false};
};

void HttpSession::offer(Request request) {
  const std::size_t before = context_->in_flight.fetch_add(1, std::memory_order_relaxed);
  auto reply = std::make_shared<Reply>(shared_from_this());
  if (before >= context_->options.in_flight_max) {
    context_->overloaded.fetch_add(1, std::memory_order_relaxed);
    return reply->answer(problem_response(kOverloaded, request_id_));
  }
  request.headers = head_.fields;
  request.park = [reply] { reply->park(); };
  try {
    context_->handler(std::move(request),
                      [reply](Response response) { reply->answer(std::move(response)); });
  } catch (const std::exception& error) {
    log_error("http.handler_exception", {{"what", error.what()}, {"request_id", request_id_}});
    reply->answer(problem_response(kInternal, request_id_));
  }
}

// Refuses the request and ends the connection: where the next request begins is in doubt.
void HttpSession::fail(const HttpFault& fault) {
  TimerWheel::cancel(*this);
  if (request_id_.empty()) take_request_id();
  close_after_ = true;
  phase_ = Phase::handling;
  Response response = problem_response(fault, request_id_);
  if (fault.status == 426) {
    response.headers.emplace_back("Upgrade", "websocket");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
  }
  respond(std::move(response));
}

void HttpSession::respond(Response response) {
  if (phase_ != Phase::handling) return;
  if (response.authenticated) ticket_->prove();
  if (response.stream && !head_only_ && !count_client()) {
    response = problem_response(kManyConnections, request_id_);
  }
  const bool streams = response.stream && !head_only_;
  add_cors(response, head_, context_->options.origins);
  close_after_ |= io_.draining() || streams;
  out_status_ = response.status;
  out_head_ = encode_response_head(
      response,
      {.keep_alive = !close_after_,
       .http_1_0 = head_.http_1_0,
       .tls = stream_->is_tls(),
       .request_id = request_id_,
       .date = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())});
  if (streams) return begin_stream(response.stream);
  if (!head_only_ && may_have_body(response.status)) out_body_ = std::move(response.body);
  out_sent_ = 0;
  phase_ = Phase::writing;
  const auto bytes = static_cast<std::int64_t>(out_head_.size() + out_body_.size());
  const auto rate = static_cast<std::int64_t>(context_->options.write_bytes_per_second_min);
  write_until_ = IoThread::now() + context_->options.write_timeout +
                 std::chrono::milliseconds{bytes * 1000 / std::max<std::int64_t>(rate, 1)};
  log_request();
  write();
}

void HttpSession::begin_stream(const StreamFactory& make_endpoint) {
  log_request();
  auto stream =
      std::make_shared<EventStream>(context_, io_, std::move(*stream_), std::move(*ticket_));
  std::string head = std::move(out_head_);
  abort();  // the socket lives on over there
  stream->start(make_endpoint, std::move(head));
}

void HttpSession::write() {
  const std::size_t total = out_head_.size() + out_body_.size();
  while (out_sent_ < total) {
    std::array<iovec, 2> parts{};
    const std::size_t head_sent = std::min(out_sent_, out_head_.size());
    const std::size_t body_sent = out_sent_ - head_sent;
    parts[0] = {out_head_.data() + head_sent, out_head_.size() - head_sent};
    parts[1] = {out_body_.data() + body_sent, out_body_.size() - body_sent};
    const auto sent = stream_->write(parts);
    if (sent.status == NetStream::Status::closed) return abort();
    if (sent.status == NetStream::Status::done) {
      out_sent_ += sent.bytes;
      continue;
    }
    io_.schedule(*this, std::min(IoThread::now() + context_->options.write_timeout, write_until_));
    stream_->wait_writable([self = shared_from_this()](boost::system::error_code error) {
      if (self->phase_ != Phase::writing) return;
      if (error) return self->abort();
      self->guarded([&] { self->write(); });
    });
    return;
  }
  finish_response();
}

void HttpSession::finish_response() {
  // Freed, not just cleared: an idle connection is to cost little.
  std::string{}.swap(out_head_);
  std::string{}.swap(out_body_);
  std::string{}.swap(body_);
  if (close_after_ || io_.draining()) return linger();
  head_ = {};
  head_only_ = false;
  request_id_.clear();
  path_.clear();
  parser_ = HeadParser(context_->options.head);
  phase_ = Phase::idle;
  if (in_.empty()) std::string{}.swap(in_);
  io_.schedule(*this, IoThread::now() + context_->options.keep_alive_timeout);
  pump();
}

// RFC 9112 §9.6: closing with unread input would make the kernel reset the connection, and the
// peer might lose the answer it has not read yet.
void HttpSession::linger() {
  phase_ = Phase::lingering;
  std::string{}.swap(in_);
  stream_->end_writing();
  io_.schedule(*this, IoThread::now() + context_->options.linger_timeout);
  wait_readable();
}

void HttpSession::log_request() {
  const bool probe = path_ == "/healthz" && out_status_ < 300;
  const LogLevel level = probe ? LogLevel::debug : LogLevel::info;
  if (!log_enabled(level)) return;
  const auto took =
      std::chrono::duration<double, std::milli>(IoThread::now() - request_start_).count();
  const auto trace = head_.field("traceparent");
  log(level, "http.request",
      {{"method", head_.method},
       {"path", loggable_path(path_)},
       {"status", out_status_},
       {"ms", took},
       {"bytes", out_body_.size()},
       {"peer", to_text(client_)},
       {"request_id", request_id_},
       {"traceparent", trace && is_traceparent(*trace) ? *trace : std::string_view{}}});
}

}  // namespace msgd
