// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <exception>
#include <optional>
#include <type_traits>

namespace msgd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using Sent = http::request<http::string_body>;

constexpr std::size_t kHeadBytesMax = 16 * 1024;

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

struct HttpClient::Place {
  HttpClientOptions options;
  std::string host;
  std::string port;
  std::string target;
  std::string authority;
  std::optional<ssl::context> tls;

  std::expected<HttpAnswer, std::string> ask(Sent request);
};

namespace {

/// The steps of one exchange. Asynchronous because only so they have a deadline.
template <class Stream>
class Exchange {
 public:
  template <class... Args>
  Exchange(asio::io_context& io, const std::string& host, const std::string& port,
           std::size_t body_bytes_max, Sent request, Args&... args)
      : host_(host),
        port_(port),
        wants_body_(body_bytes_max > 0),
        request_(std::move(request)),
        resolver_(io),
        stream_(io, args...),
        buffer_(kHeadBytesMax + body_bytes_max) {
    parser_.header_limit(kHeadBytesMax);
    parser_.body_limit(body_bytes_max);
  }

  std::expected<HttpAnswer, std::string> run(asio::io_context& io,
                                             std::chrono::milliseconds timeout) {
    resolver_.async_resolve(host_, port_, [this](auto ec, const auto& addresses) {
      if (ec) return end(ec);
      beast::get_lowest_layer(stream_).async_connect(addresses, [this](auto e, const auto&) {
        if (e) return end(e);
        greet();
      });
    });
    try {
      io.run_for(timeout);
    } catch (const std::exception& error) {  // Beast 1.81 throws at some chunked bodies
      return std::unexpected(error.what());
    }
    if (is_answered_) {
      return HttpAnswer{.status = static_cast<int>(parser_.get().result_int()),
                        .body = std::move(parser_.get().body())};
    }
    return std::unexpected(failure_.empty() ? "no answer in time" : failure_);
  }

 private:
  void greet() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      write();
    } else {
      stream_.async_handshake(ssl::stream_base::client, [this](auto ec) {
        if (ec) return end(ec);
        write();
      });
    }
  }
  void write() {
    http::async_write(stream_, request_, [this](auto ec, std::size_t) {
      if (ec) return end(ec);
      const auto read = [this](auto e, std::size_t) {
        if (e) return end(e);
        is_answered_ = true;
      };
      if (wants_body_) {
        http::async_read(stream_, buffer_, parser_, read);
      } else {
        http::async_read_header(stream_, buffer_, parser_, read);
      }
    });
  }
  void end(const boost::system::error_code& ec) { failure_ = ec.message(); }

  const std::string& host_;
  const std::string& port_;
  const bool wants_body_;
  Sent request_;
  tcp::resolver resolver_;
  Stream stream_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  bool is_answered_{false};
  std::string failure_;
};

struct Secure : ssl::stream<beast::tcp_stream> {
  Secure(asio::io_context& context, ssl::context& tls, const std::string& host)
      : ssl::stream<beast::tcp_stream>(context, tls) {
    set_verify_mode(ssl::verify_peer);
    set_verify_callback(ssl::host_name_verification(host));
    // What SSL_set_tlsext_host_name is, without its old cast. The name is copied.
    ::SSL_ctrl(native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(host.c_str()));
  }
};

}  // namespace

std::expected<HttpAnswer, std::string> HttpClient::Place::ask(Sent request) {
  request.target(target);
  request.set(http::field::host, authority);
  request.set(http::field::user_agent, "msgd/" MSG_VERSION);
  request.set(http::field::connection, "close");
  request.prepare_payload();
  asio::io_context io{1};
  if (!tls) {
    Exchange<beast::tcp_stream> plain(io, host, port, options.body_bytes_max, std::move(request));
    return plain.run(io, options.timeout);
  }
  Exchange<Secure> secure(io, host, port, options.body_bytes_max, std::move(request), *tls, host);
  return secure.run(io, options.timeout);
}

std::expected<std::unique_ptr<HttpClient>, std::string> HttpClient::open(
    HttpClientOptions options) {
  const auto parsed = boost::urls::parse_uri(options.url);
  const bool is_web = parsed && (parsed->scheme() == "https" || parsed->scheme() == "http");
  if (!is_web || parsed->host().empty() || parsed->has_userinfo() || parsed->has_fragment()) {
    return std::unexpected("must be a URL such as https://app.example/path");
  }
  auto place = std::make_unique<Place>();
  place->host = parsed->host_address();
  const bool is_secure = parsed->scheme() == "https";
  if (!is_secure && !is_this_machine(place->host)) {
    return std::unexpected("must be https, unless it is on this machine");
  }
  place->port = parsed->has_port() ? std::string(parsed->port()) : is_secure ? "443" : "80";
  place->authority = std::string(parsed->encoded_host_and_port());
  place->target = std::string(parsed->encoded_target());
  if (place->target.empty()) place->target = "/";
  place->options = std::move(options);
  if (is_secure) {
    place->tls.emplace(ssl::context::tls_client);
    boost::system::error_code ec;
    place->tls->set_default_verify_paths(ec);
    if (ec) return std::unexpected("needs the system's certificate authorities: " + ec.message());
    place->tls->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  }
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(place)));
}

HttpClient::HttpClient(std::unique_ptr<Place> place) : place_(std::move(place)) {}
HttpClient::~HttpClient() = default;

std::expected<HttpAnswer, std::string> HttpClient::get(const Headers& headers) {
  Sent request;
  request.version(11);
  request.method(http::verb::get);
  for (const auto& [name, value] : headers) request.set(name, value);
  return place_->ask(std::move(request));
}

std::expected<HttpAnswer, std::string> HttpClient::post(const Headers& headers,
                                                        std::string_view body) {
  Sent request;
  request.version(11);
  request.method(http::verb::post);
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  return place_->ask(std::move(request));
}

}  // namespace msgd
