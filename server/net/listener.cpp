// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "net/http_response.h"
#include "net/http_session.h"
#include "net/tls_greeting.h"
#include "net/trusted_proxies.h"
#include "ops/log.h"

namespace msgd {
namespace {

constexpr int kAcceptsPerTurn = 64;  // then the connections have their turn
constexpr std::chrono::milliseconds kBackoffFirst{50};
constexpr std::chrono::milliseconds kBackoffMax{1000};
constexpr int kUnsentBytesMax = 128 * 1024;

// Connections inherit these. What a peer does not read shall wait where we count it, not in
// megabytes of the kernel's; what is on its way to a distant peer is not counted among the unsent.
void set_options_of_connections(int listening) {
  const int on = 1;
  ::setsockopt(listening, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(listening, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax, sizeof kUnsentBytesMax);
}

// Best effort and without waiting: whoever floods is not waited for.
void refuse(int fd) {
  const Response response = problem_response(kManyConnections, "none");
  const std::string bytes =
      encode_response_head(
          response,
          {.keep_alive = false,
           .request_id = "none",
           .date = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())}) +
      response.body;
  [[maybe_unused]] const ssize_t sent =
      ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(fd, SHUT_WR);
}

IpAddress address_of(const sockaddr_storage& from) {
  IpAddress address;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    address.bytes[10] = address.bytes[11] = 0xFF;
    std::memcpy(address.bytes.data() + 12, &v4.sin_addr, 4);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
  }
  return address;
}

}  // namespace

Listener::Listener(std::shared_ptr<ServerContext> context,
                   const std::vector<std::unique_ptr<IoThread>>& threads)
    : context_(std::move(context)),
      threads_(threads),
      acceptor_(threads.front()->context()),
      retry_(threads.front()->context()) {}

std::expected<asio::ip::tcp::endpoint, std::string> Listener::open() {
  const ServerOptions& options = context_->options;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  const auto failed = [&] {
    return std::unexpected("Cannot listen on " + options.address + " port " +
                           std::to_string(options.port) + ": " + error.message() + ".");
  };
  if (error) return failed();
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(1024, error);
  if (!error) acceptor_.native_non_blocking(true, error);
  if (error) return failed();
  set_options_of_connections(acceptor_.native_handle());
  return acceptor_.local_endpoint();
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

void Listener::wait() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_wait(Acceptor::wait_read, [this](boost::system::error_code error) {
    if (!error) accept_some();
  });
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int fd = ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      backoff_ = {};
      take(fd, from);
      continue;
    }
    if (errno == EAGAIN) break;
    // Faults of the one connection that was about to be accepted (accept(2)).
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO || errno == EPERM) continue;
    return pause(errno);
  }
  wait();
}

// EMFILE, ENFILE, ENOBUFS, ENOMEM: the connection stays in the queue and would wake us at once.
void Listener::pause(int error) {
  if (backoff_.count() == 0) {
    log_error("accept.failed", {{"what", std::generic_category().message(error)}});
  }
  backoff_ = std::clamp(backoff_ * 2, kBackoffFirst, kBackoffMax);
  retry_.expires_after(backoff_);
  retry_.async_wait([this](boost::system::error_code canceled) {
    if (!canceled) wait();
  });
}

void Listener::take(int fd, const sockaddr_storage& from) {
  const IpAddress peer = address_of(from);
  // Behind a proxy are many; whose a connection is shows with its request.
  PeerAddress counted = peer_address(peer);
  counted.exempt |= is_trusted(context_->options.proxies, peer);
  auto ticket = context_->admission.admit(counted);
  if (!ticket) {
    context_->rejected.fetch_add(1, std::memory_order_relaxed);
    // Inside TLS it would take a handshake to say so, which is what there is too much of.
    if (context_->tls == nullptr) refuse(fd);
    ::close(fd);
    return;
  }
  context_->accepted.fetch_add(1, std::memory_order_relaxed);
  IoThread& io = *threads_[next_thread_++ % threads_.size()];
  const auto protocol = from.ss_family == AF_INET ? asio::ip::tcp::v4() : asio::ip::tcp::v6();
  TcpSocket socket(io.context());
  boost::system::error_code error;
  socket.assign(protocol, fd, error);
  if (error) {
    ::close(fd);
    return;
  }
  const auto begin = [&]<class First>(std::shared_ptr<First> first) {
    io.gate()->post([first = std::move(first)] { first->start(); });
  };
  if (context_->tls != nullptr) {
    return begin(
        std::make_shared<TlsGreeting>(context_, io, std::move(socket), std::move(*ticket), peer));
  }
  begin(std::make_shared<HttpSession>(context_, io, NetStream(std::move(socket)),
                                      std::move(*ticket), peer));
}

}  // namespace msgd
