// SPDX-License-Identifier: Apache-2.0
#include "msgctl/http_client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "msg/status.h"
#include "msgctl/tls_client.h"

namespace msgctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::uint64_t kReplyBytesMax = 64 * 1024 * 1024;

/// The steps of one request over `Stream`, a TCP or an SSL stream. Asynchronous only because Beast
/// has deadlines for nothing else.
template <class Stream>
class Exchange {
 public:
  template <class... Context>
  Exchange(asio::io_context& io, const Endpoint& endpoint, const HttpRequest& request,
           Context&... context)
      : endpoint_(endpoint), resolver_(io), stream_(io, context...) {
    request_.version(11);
    request_.method_string(request.method);
    request_.target(request.target);
    request_.set(http::field::host, endpoint.authority());
    request_.set(http::field::user_agent, "msgctl/" MSG_VERSION);
    request_.set(http::field::accept, "application/json");
    request_.set(http::field::connection, "close");
    if (!request.bearer.empty()) {
      request_.set(http::field::authorization, "Bearer " + request.bearer);
    }
    if (!request.user_id.empty()) request_.set("X-User-Id", request.user_id);
    if (!request.body.empty()) request_.set(http::field::content_type, "application/json");
    request_.body() = request.body;
    request_.prepare_payload();
    parser_.body_limit(kReplyBytesMax);
  }

  void start() {
    resolver_.async_resolve(endpoint_.host, endpoint_.port, [this](auto ec, const auto& addresses) {
      if (ec) return fail("find", ec);
      connect(addresses);
    });
  }

  bool done() const { return done_; }
  const std::optional<std::string>& failure() const { return failure_; }
  HttpReply reply() {
    auto& answer = parser_.get();
    return {.status = static_cast<int>(answer.result_int()), .body = std::move(answer.body())};
  }

 private:
  void connect(const tcp::resolver::results_type& addresses) {
    beast::get_lowest_layer(stream_).async_connect(addresses, [this](auto ec, const auto&) {
      if (ec) return fail("connect to", ec);
      shake_hands();
    });
  }
  void shake_hands() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      write();
    } else {
      if (const auto error = expect_host(stream_, endpoint_)) return fail("speak TLS with", error);
      stream_.async_handshake(asio::ssl::stream_base::client, [this](auto ec) {
        if (ec) return fail("speak TLS with", ec);
        write();
      });
    }
  }
  void write() {
    http::async_write(stream_, request_, [this](auto ec, std::size_t) {
      if (ec) return fail("write to", ec);
      read();
    });
  }
  void read() {
    http::async_read(stream_, buffer_, parser_, [this](auto ec, std::size_t) {
      if (ec) return fail("read an answer of", ec);
      done_ = true;
    });
  }
  void fail(std::string_view step, const boost::system::error_code& ec) {
    failure_ = "Cannot " + std::string{step} + " " + endpoint_.url() + ": " + ec.message() + ".";
  }

  const Endpoint& endpoint_;
  tcp::resolver resolver_;
  Stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  bool done_{false};
  std::optional<std::string> failure_;
};

}  // namespace

namespace {

template <class Exchange>
Outcome<HttpReply> run(asio::io_context& io, Exchange&& exchange, const Endpoint& endpoint,
                       std::chrono::milliseconds timeout) {
  exchange.start();
  io.run_for(timeout);
  if (exchange.failure()) return unreachable(*exchange.failure());
  if (!exchange.done()) return unreachable("No answer of " + endpoint.url() + " in time.");
  return exchange.reply();
}

}  // namespace

Outcome<HttpReply> http_exchange(const Endpoint& endpoint, const HttpRequest& request,
                                 std::chrono::milliseconds timeout) {
  asio::io_context io{1};
  if (!endpoint.tls) {
    return run(io, Exchange<beast::tcp_stream>(io, endpoint, request), endpoint, timeout);
  }
  asio::ssl::context context(asio::ssl::context::tls_client);
  MSG_CHECK(prepare_tls(context, endpoint));
  return run(io, Exchange<beast::ssl_stream<beast::tcp_stream>>(io, endpoint, request, context),
             endpoint, timeout);
}

}  // namespace msgctl
