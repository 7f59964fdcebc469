// SPDX-License-Identifier: Apache-2.0
#include "net/http_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "net/cors.h"
#include "net/trusted_proxies.h"
#include "net/ws_handshake.h"
#include "net/ws_session.h"
#include "ops/log.h"

namespace msgd {
namespace {

// Requests sent ahead wait in the kernel, not here: one read is all that is held of them.
constexpr std::size_t kReadAhead = 16 * 1024;
constexpr std::size_t kLingerBytesMax = 256 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr HttpFault kTimeout{
    .status = 408, .code = "request_timeout", .detail = "The request took too long to arrive."};
constexpr HttpFault kBadTarget{.detail = "The request target is not valid percent-encoded UTF-8."};
constexpr HttpFault kUpgradeRequired{
    .status = 426, .code = "upgrade_required", .detail = "Only WebSocket is spoken here."};

}  // namespace

HttpSession::HttpSession(std::shared_ptr<ServerContext> context, IoThread& io, NetStream stream,
                         Admission::Ticket ticket, const IpAddress& peer)
    : context_(std::move(context)),
      io_(io),
      stream_(std::move(stream)),
      ticket_(std::move(ticket)),
      peer_(peer),
      client_(peer),
      parser_(context_->options.head) {}

void HttpSession::failed(const char* what) {
  log_error("http.exception", {{"what", what}, {"request_id", request_id_}});
  abort();
}

void HttpSession::start() {
  io_.add(*this);
  if (io_.draining()) return linger();
  request_start_ = IoThread::now();
  io_.schedule(*this, request_start_ + context_->options.head_timeout);
  wait_readable();
}

void HttpSession::refuse(const HttpFault& fault) {
  io_.add(*this);
  request_start_ = IoThread::now();
  guarded([&] { fail(fault); });
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
  stream_.reset();
  ticket_.reset();
}

void HttpSession::wait_readable() {
  if (std::exchange(waiting_, true)) return;
  stream_->wait_readable([self = shared_from_this()](boost::system::error_code error) {
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
  const std::size_t wanted = phase_ == Phase::body ? head_.body_bytes - body_.size() : kReadAhead;
  const auto got = stream_->read(scratch.first(std::min(wanted, scratch.size())));
  if (got.status != NetStream::Status::done) {
    got.status == NetStream::Status::wait ? wait_readable() : abort();
    return false;
  }
  const std::string_view bytes(scratch.data(), got.bytes);
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
  const std::array<iovec, 1> part{{{const_cast<char*>(kContinue.data()), kContinue.size()}}};
  return stream_->write(part).bytes == kContinue.size();
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
  close_after_ = !head_.keep_alive || requests_ >= context_->options.requests_per_connection_max;
  client_ = client_address(context_->options.proxies, peer_, head_.fields);
  if (const auto fault = check_preflight(head_, context_->options.origins)) return fail(*fault);
  auto target = decode_target(head_.target);
  if (!target) return fail(kBadTarget);
  path_ = target->path;

  Request request{.method = head_only_ ? "GET" : head_.method,
                  .target = head_.target,
                  .path = std::move(target->path),
                  .query = std::move(target->query),
                  .headers = {},
                  .body = std::move(body_),
                  .peer = client_,
                  .request_id = request_id_};
  if (wants_websocket(head_) && is_ws_path(path_)) return upgrade(std::move(request));
  if (is_ws_path(path_) && path_ != "/" && request.method == "GET") return fail(kUpgradeRequired);
  phase_ = Phase::handling;
  offer(std::move(request));
}

// A connection that stays is its client's, whoever passes it on. False: the client has too many.
bool HttpSession::count_client() {
  if (client_ == peer_ || ticket_->move_to(peer_address(client_))) return true;
  context_->rejected.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void HttpSession::upgrade(Request request) {
  request.headers = head_.fields;
  const ServerOptions& options = context_->options;
  auto answer = accept_websocket(head_, request, options.origins, options.own_pages);
  if (!answer) return fail(answer.error());
  if (!count_client()) return fail(kManyConnections);
  out_status_ = 101;
  log_request();
  auto session =
      std::make_shared<WsSession>(context_, io_, std::move(*stream_), std::move(*ticket_));
  std::string rest = std::move(in_);
  abort();  // the socket lives on over there
  session->start(request, std::move(*answer), std::move(rest));
}

}  // namespace msgd
