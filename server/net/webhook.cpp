// SPDX-License-Identifier: Apache-2.0
#include "net/webhook.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
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
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace msgd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;

constexpr std::uint64_t kAnswerBytesMax = 64 * 1024;

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::string make_delivery_id() {
  std::array<unsigned char, 16> bytes{};
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  return to_hex(bytes.data(), bytes.size());
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

std::string webhook_signature(std::string_view secret, std::int64_t unix_seconds,
                              std::string_view body) {
  const std::string text = fmt::format("{}.{}", unix_seconds, body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return fmt::format("t={},v1={}", unix_seconds, to_hex(mac.data(), size));
}

struct Webhook::Place {
  WebhookOptions options;
  std::string host;
  std::string port;
  std::string target;
  std::string authority;
  std::optional<ssl::context> tls;
};

namespace {

/// The steps of one attempt. Asynchronous because only so they have a deadline.
template <class Stream>
class Attempt {
 public:
  template <class... Args>
  Attempt(asio::io_context& io, const std::string& host, const std::string& port,
          http::request<http::string_body> request, Args&... args)
      : host_(host),
        port_(port),
        request_(std::move(request)),
        resolver_(io),
        stream_(io, args...) {
    parser_.body_limit(kAnswerBytesMax);
  }

  void start() {
    resolver_.async_resolve(host_, port_, [this](auto ec, const auto& addresses) {
      if (ec) return end(ec);
      beast::get_lowest_layer(stream_).async_connect(addresses, [this](auto e, const auto&) {
        if (e) return end(e);
        greet();
      });
    });
  }

  /// 0: there was no answer.
  int status() const { return status_; }
  const std::string& failure() const { return failure_; }

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
      http::async_read_header(stream_, buffer_, parser_, [this](auto e, std::size_t) {
        if (e) return end(e);
        status_ = static_cast<int>(parser_.get().result_int());
      });
    });
  }
  void end(const boost::system::error_code& ec) { failure_ = ec.message(); }

  const std::string& host_;
  const std::string& port_;
  http::request<http::string_body> request_;
  tcp::resolver resolver_;
  Stream stream_;
  beast::flat_buffer buffer_{kAnswerBytesMax};
  http::response_parser<http::empty_body> parser_;
  int status_{0};
  std::string failure_;
};

template <class Attempted>
std::expected<int, std::string> run(asio::io_context& io, Attempted& attempt,
                                    std::chrono::milliseconds timeout) {
  attempt.start();
  io.run_for(timeout);
  if (attempt.status() != 0) return attempt.status();
  return std::unexpected(attempt.failure().empty() ? "no answer in time" : attempt.failure());
}

}  // namespace

std::expected<std::unique_ptr<Webhook>, std::string> Webhook::open(WebhookOptions options) {
  const auto parsed = boost::urls::parse_uri(options.url);
  const bool is_web = parsed && (parsed->scheme() == "https" || parsed->scheme() == "http");
  if (!is_web || parsed->host().empty() || parsed->has_userinfo() || parsed->has_fragment()) {
    return std::unexpected(
        "The webhook for codes must be a URL such as https://sms.example/codes.");
  }
  auto place = std::make_unique<Place>();
  place->host = parsed->host_address();
  const bool is_secure = parsed->scheme() == "https";
  if (!is_secure && !is_this_machine(place->host)) {
    return std::unexpected("The webhook for codes must be https, unless it is on this machine.");
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
    if (ec) return std::unexpected("The system's certificate authorities cannot be read.");
    place->tls->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  }
  return std::unique_ptr<Webhook>(new Webhook(std::move(place)));
}

Webhook::Webhook(std::unique_ptr<Place> place) : place_(std::move(place)) {}
Webhook::~Webhook() = default;

std::expected<void, std::string> Webhook::post(std::string_view body) {
  Place& place = *place_;
  const std::string delivery = make_delivery_id();
  const auto attempt = [&]() -> std::expected<int, std::string> {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    http::request<http::string_body> request{http::verb::post, place.target, 11};
    request.set(http::field::host, place.authority);
    request.set(http::field::user_agent, "msgd/" MSG_VERSION);
    request.set(http::field::content_type, "application/json");
    request.set(http::field::connection, "close");
    request.set("X-Msg-Delivery", delivery);
    request.set("X-Msg-Signature",
                webhook_signature(place.options.secret, now.time_since_epoch().count(), body));
    request.body() = body;
    request.prepare_payload();
    asio::io_context io{1};
    if (!place.tls) {
      Attempt<beast::tcp_stream> plain(io, place.host, place.port, std::move(request));
      return run(io, plain, place.options.timeout);
    }
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
    Attempt<Secure> secure(io, place.host, place.port, std::move(request), *place.tls, place.host);
    return run(io, secure, place.options.timeout);
  };
  std::string why;
  for (int i = 0; i < place.options.attempts_max; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(250) * (1 << i));
    const auto status = attempt();
    if (status && *status >= 200 && *status < 300) return {};
    why = status ? fmt::format("it answered {}", *status) : status.error();
    if (status && *status < 500 && *status != 429) break;
  }
  return std::unexpected(std::move(why));
}

}  // namespace msgd
