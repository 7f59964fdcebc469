// SPDX-License-Identifier: Apache-2.0
#include "net/tls_greeting.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/http_session.h"
#include "ops/log.h"

namespace msgd {
namespace {

constexpr char kHandshakeRecord = 0x16;  // RFC 8446 §5.1
constexpr HttpFault kNoTls{.code = "tls_required",
                           .detail = "This port speaks TLS: begin the URL with https or wss."};

/// Every method of HTTP begins so.
bool is_capital(char byte) {
  return byte >= 'A' && byte <= 'Z';
}

}  // namespace

TlsGreeting::TlsGreeting(std::shared_ptr<ServerContext> context, IoThread& io, TcpSocket socket,
                         Admission::Ticket ticket, const IpAddress& peer)
    : context_(std::move(context)),
      io_(io),
      socket_(std::move(socket)),
      ticket_(std::move(ticket)),
      peer_(peer) {}

void TlsGreeting::start() {
  if (io_.draining()) return;  // and with it goes the connection
  io_.add(*this);
  io_.schedule(*this, IoThread::now() + context_->options.head_timeout);
  wait_first_byte();
}

void TlsGreeting::on_timer(TimePoint /*now*/) {
  abort();
}

void TlsGreeting::begin_drain() {
  abort();
}

// The pending operation holds the last reference, and ends because of it.
void TlsGreeting::abort() {
  TimerWheel::cancel(*this);
  if (ConnectionHook::is_linked()) ConnectionHook::unlink();
  socket_.reset();
  stream_.reset();
  ticket_.reset();
}

void TlsGreeting::wait_first_byte() {
  socket_->async_wait(TcpSocket::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                        if (!self->socket_) return;
                        error ? self->abort() : self->look_at_first_byte();
                      });
}

void TlsGreeting::look_at_first_byte() {
  char byte = 0;
  const ssize_t got = ::recv(socket_->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return wait_first_byte();
  if (got <= 0) return abort();
  if (byte != kHandshakeRecord) {
    context_->tls_refused.fetch_add(1, std::memory_order_relaxed);
    if (is_capital(byte)) return become_http(NetStream(std::move(*socket_)), &kNoTls);
    return fail("not TLS");
  }
  SslPtr ssl = context_->tls->open(socket_->native_handle());
  if (ssl == nullptr) return fail("no memory");
  stream_.emplace(std::move(*socket_), std::move(ssl));
  socket_.reset();
  shake_hands();
}

void TlsGreeting::shake_hands() {
  const auto result = stream_->accept();
  if (result.status == NetStream::Status::done) return become_http(std::move(*stream_), nullptr);
  if (result.status == NetStream::Status::closed) {
    context_->tls_refused.fetch_add(1, std::memory_order_relaxed);
    const char* why = ::ERR_reason_error_string(::ERR_get_error());
    fail(why != nullptr ? why : "the peer left");
    return ::ERR_clear_error();
  }
  stream_->wait_readable([self = shared_from_this()](boost::system::error_code error) {
    if (!self->stream_) return;
    error ? self->abort() : self->shake_hands();
  });
}

void TlsGreeting::become_http(NetStream stream, const HttpFault* refusal) {
  auto session =
      std::make_shared<HttpSession>(context_, io_, std::move(stream), std::move(*ticket_), peer_);
  abort();  // the connection lives on over there
  refusal != nullptr ? session->refuse(*refusal) : session->start();
}

void TlsGreeting::fail(const char* why) {
  log_debug("tls.refused", {{"why", why}, {"peer", to_text(peer_)}});
  // The alert that says why is on its way; behind it comes the end.
  if (stream_) stream_->end_writing();
  abort();
}

}  // namespace msgd
