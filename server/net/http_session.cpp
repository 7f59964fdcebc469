// SPDX-License-Identifier: Apache-2.0
#include "net/http_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "net/ws_handshake.h"
#include "net/ws_session.h"
#include "ops/log.h"

namespace msgd {
namespace {

// Requests sent ahead wait in the kernel, not here: one read is all that is held of them.
constexpr std::size_t kReadAhead = 16 * 1024;
constexpr std::size_t kLingerBytesMax = 256 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr HttpFault kOverloaded{
    .status = 503, .code = "overloaded", .detail = "Too many requests at once; try again."};
constexpr HttpFault kInternal{.status = 500, .code = "internal", .detail = "A fault of ours."};
constexpr HttpFault kTimeout{
    .status = 408, .code = "request_timeout", .detail = "The request took too long to arrive."};
constexpr HttpFault kBadTarget{.detail = "The request target is not valid percent-encoded UTF-8."};
constexpr HttpFault kUpgradeRequired{
    .status = 426, .code = "upgrade_required", .detail = "Only WebSocket is spoken here."};

}  // namespace

HttpSession::HttpSession(std::shared_ptr<ServerContext> context, IoThread& io, TcpSocket socket,
                         Admission::Ticket ticket, std::string peer, bool peer_is_loopback)
    : context_(std::move(context)),
      io_(io),
      socket_(std::move(socket)),
      ticket_(std::move(ticket)),
      peer_(std::move(peer)),
      peer_is_loopback_(peer_is_loopback),
      parser_(context_->options.head) {}

template <class Work>
void HttpSession::guarded(Work work) {
  try {
    work();
  } catch (const std::exception& error) {
    log_error("http.exception", {{"what", error.what()}, {"request_id", request_id_}});
    abort();
  }
}

void HttpSession::start() {
  io_.add(*this);
  if (io_.draining()) return linger();
  request_start_ = IoThread::now();
  io_.schedule(*this, request_start_ + context_->options.head_timeout);
  wait_readable();
}

void HttpSession::on_timer(TimePoint now) {
  // Keeps the session while it works: closing may let go of the last other reference.
  const auto self = shared_from_this();
  guarded([&] {
    switch (phase_) {
      case Phase::head:
        fail(kTimeout);
        break;
      case Phase::body:
        check_body_rate(now);
        break;
      case Phase::idle:
      case Phase::writing:
      case Phase::lingering:
        abort();
        break;
      case Phase::handling:
      case Phase::closed:
        break;
    }
  });
}

void HttpSession::begin_drain() {
  const auto self = shared_from_this();
  if (phase_ == Phase::idle) guarded([&] { linger(); });
}

void HttpSession::abort() {
  phase_ = Phase::closed;
  TimerWheel::cancel(*this);
  if (ConnectionHook::is_linked()) ConnectionHook::unlink();
  socket_.reset();
  ticket_.reset();
}

void HttpSession::wait_readable() {
  if (std::exchange(waiting_, true)) return;
  socket_->async_wait(TcpSocket::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                        self->waiting_ = false;
                        if (self->phase_ == Phase::closed) return;
                        if (error) return self->abort();
                        self->guarded([&] { self->on_readable(); });
                      });
}

void HttpSession::on_readable() {
  // A wait may end late, after a deadline has moved the session on; nothing is read then.
  if (phase_ == Phase::handling || phase_ == Phase::writing) return;
  if (take_input()) pump();
}

// Reads once. False: nothing to look at (yet, or ever).
bool HttpSession::take_input() {
  const std::span<char> scratch = io_.scratch();
  const std::size_t wanted =
      phase_ == Phase::body ? head_.body_bytes - body_.size() : kReadAhead;
  const ssize_t got = ::recv(socket_->native_handle(), scratch.data(),
                             std::min(wanted, scratch.size()), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    wait_readable();
    return false;
  }
  if (got <= 0) {
    abort();
    return false;
  }
  const std::string_view bytes(scratch.data(), static_cast<std::size_t>(got));
  if (phase_ == Phase::lingering) {
    lingered_ += bytes.size();
    lingered_ > kLingerBytesMax ? abort() : wait_readable();
    return false;
  }
  (phase_ == Phase::body ? body_ : in_).append(bytes);
  return true;
}

// Goes as far as what has arrived allows.
void HttpSession::pump() {
  if (phase_ == Phase::idle) {
    if (in_.empty()) return wait_readable();
    phase_ = Phase::head;
    request_start_ = IoThread::now();
    io_.schedule(*this, request_start_ + context_->options.head_timeout);
  }
  if (phase_ == Phase::head) {
    switch (parser_.parse(in_)) {
      case HeadParser::Status::need_more:
        return wait_readable();
      case HeadParser::Status::failed:
        return fail(parser_.fault());
      case HeadParser::Status::done:
        break;
    }
    if (!begin_body()) return abort();
  }
  if (body_.size() < head_.body_bytes) return wait_readable();
  dispatch();
}

bool HttpSession::begin_body() {
  head_ = std::move(parser_.head());
  in_.erase(0, parser_.consumed());
  const std::size_t here = std::min(in_.size(), head_.body_bytes);
  body_.assign(in_, 0, here);
  in_.erase(0, here);
  phase_ = Phase::body;
  if (body_.size() == head_.body_bytes) return true;
  body_start_ = IoThread::now();
  check_body_rate(body_start_);
  if (!head_.expects_continue || !body_.empty()) return true;
  // Nothing else is on its way out, so these few bytes always find room.
  return ::send(socket_->native_handle(), kContinue.data(), kContinue.size(),
                MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(kContinue.size());
}

void HttpSession::check_body_rate(TimePoint now) {
  using std::chrono::milliseconds;
  const ServerOptions& options = context_->options;
  const auto elapsed = std::chrono::duration_cast<milliseconds>(now - body_start_);
  const auto due = options.body_bytes_per_second_min * static_cast<std::size_t>(elapsed.count());
  if (elapsed >= options.body_timeout ||
      (elapsed >= options.body_grace && body_.size() * 1000 < due)) {
    return fail(kTimeout);
  }
  const TimePoint next =
      elapsed < options.body_grace ? body_start_ + options.body_grace : now + milliseconds(1000);
  io_.schedule(*this, std::min(next, body_start_ + options.body_timeout));
}

void HttpSession::take_request_id() {
  const auto given = head_.field("x-request-id");
  if (given && is_request_id(*given)) {
    request_id_ = *given;
    return;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t bits = io_.random()();
  request_id_.resize(16);
  for (char& c : request_id_) {
    c = digits[bits & 15];
    bits >>= 4;
  }
}

void HttpSession::dispatch() {
  TimerWheel::cancel(*this);
  ++requests_;
  context_->requests.fetch_add(1, std::memory_order_relaxed);
  take_request_id();
  head_only_ = head_.method == "HEAD";
  close_after_ =
      !head_.keep_alive || requests_ >= context_->options.requests_per_connection_max;
  auto target = decode_target(head_.target);
  if (!target) return fail(kBadTarget);
  path_ = target->path;

  Request request{.method = head_only_ ? "GET" : head_.method,
                  .target = head_.target,
                  .path = std::move(target->path),
                  .query = std::move(target->query),
                  .headers = {},
                  .body = std::move(body_),
                  .peer = peer_,
                  .peer_is_loopback = peer_is_loopback_,
                  .request_id = request_id_};
  if (wants_websocket(head_) && is_ws_path(path_)) return upgrade(std::move(request));
  if (is_ws_path(path_) && path_ != "/" && request.method == "GET") return fail(kUpgradeRequired);
  phase_ = Phase::handling;
  offer(std::move(request));
}

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

 private:
  void send(Response response) {
    context_->in_flight.fetch_sub(1, std::memory_order_relaxed);
    auto work = [session = std::move(session_), response = std::move(response)]() mutable {
      session->guarded([&] { session->respond(std::move(response)); });
    };
    gate_->post(std::move(work));
  }

  std::shared_ptr<ServerContext> context_;
  std::shared_ptr<IoGate> gate_;
  std::shared_ptr<HttpSession> session_;
  std::atomic<bool> answered_{false};
};

void HttpSession::offer(Request request) {
  const std::size_t before = context_->in_flight.fetch_add(1, std::memory_order_relaxed);
  auto reply = std::make_shared<Reply>(shared_from_this());
  if (before >= context_->options.in_flight_max) {
    context_->overloaded.fetch_add(1, std::memory_order_relaxed);
    return reply->answer(problem_response(kOverloaded, request_id_));
  }
  request.headers = head_.fields;
  try {
    context_->handler(std::move(request),
                      [reply](Response response) { reply->answer(std::move(response)); });
  } catch (const std::exception& error) {
    log_error("http.handler_exception", {{"what", error.what()}, {"request_id", request_id_}});
    reply->answer(problem_response(kInternal, request_id_));
  }
}

void HttpSession::upgrade(Request request) {
  request.headers = head_.fields;
  auto answer = accept_websocket(head_, request, context_->options.origins);
  if (!answer) return fail(answer.error());
  ticket_->prove();
  out_status_ = 101;
  log_request();
  auto session = std::make_shared<WsSession>(context_, io_, std::move(*socket_),
                                             std::move(*ticket_));
  std::string rest = std::move(in_);
  abort();  // the socket lives on over there
  session->start(request, std::move(*answer), std::move(rest));
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
  if (response.status < 400) ticket_->prove();
  close_after_ |= io_.draining();
  out_status_ = response.status;
  out_head_ = encode_response_head(
      response, {.keep_alive = !close_after_,
                 .head_only = head_only_,
                 .http_1_0 = head_.http_1_0,
                 .request_id = request_id_,
                 .date = std::chrono::floor<std::chrono::seconds>(
                     std::chrono::system_clock::now())});
  if (!head_only_ && may_have_body(response.status)) out_body_ = std::move(response.body);
  out_sent_ = 0;
  phase_ = Phase::writing;
  log_request();
  write();
}

void HttpSession::write() {
  const std::size_t total = out_head_.size() + out_body_.size();
  while (out_sent_ < total) {
    std::array<iovec, 2> parts{};
    const std::size_t head_sent = std::min(out_sent_, out_head_.size());
    const std::size_t body_sent = out_sent_ - head_sent;
    parts[0] = {out_head_.data() + head_sent, out_head_.size() - head_sent};
    parts[1] = {out_body_.data() + body_sent, out_body_.size() - body_sent};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent =
        ::sendmsg(socket_->native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      out_sent_ += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return abort();
    io_.schedule(*this, IoThread::now() + context_->options.write_timeout);
    socket_->async_wait(TcpSocket::wait_write,
                        [self = shared_from_this()](boost::system::error_code error) {
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
  if (close_after_) return linger();
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
  ::shutdown(socket_->native_handle(), SHUT_WR);
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
       {"peer", peer_},
       {"request_id", request_id_},
       {"traceparent", trace && is_traceparent(*trace) ? *trace : std::string_view{}}});
}

}  // namespace msgd
