// SPDX-License-Identifier: Apache-2.0
#include "msgctl/ws_client.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include "msgctl/tls_client.h"

namespace msgctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kEventsMax = 1024;
constexpr std::size_t kFrameBytesMax = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kGoodbye{1000};
/// The server pings every 30 s; half of this without a word and we ask.
constexpr std::chrono::seconds kSilenceMax{40};

/// Events on their way from the I/O thread, with a descriptor that is readable while there are any.
class Inbox {
 public:
  Inbox() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::runtime_error("no more descriptors");
  }
  ~Inbox() { ::close(fd_); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  int fd() const { return fd_; }

  /// False when it is full now: read on when told.
  bool push(WsEvent event) {
    const std::scoped_lock lock(mutex_);
    events_.push_back(std::move(event));
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
    return events_.size() < kEventsMax;
  }
  std::vector<WsEvent> take() {
    const std::scoped_lock lock(mutex_);
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
    return std::exchange(events_, {});
  }

 private:
  int fd_;
  std::mutex mutex_;
  std::vector<WsEvent> events_;
};

/// One connection from its first step to its last event. All on the I/O thread.
class AnyConnection {
 public:
  virtual ~AnyConnection() = default;
  virtual void start() = 0;
  virtual void send(std::string text) = 0;
  virtual void read_on() = 0;
  /// Ends without a further event.
  virtual void drop() = 0;
  /// Calls `done` when the server has answered, or there is nobody to say it to.
  virtual void say_goodbye(const std::function<void()>& done) = 0;
};

/// Over `Stream`, a TCP or an SSL stream.
template <class Stream>
class Connection final : public AnyConnection,
                         public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... Context>
  Connection(asio::io_context& io, const Endpoint& endpoint, std::chrono::milliseconds timeout,
             Inbox& inbox, Context&... context)
      : endpoint_(endpoint),
        timeout_(timeout),
        inbox_(inbox),
        resolver_(io),
        socket_(io, context...) {}

  void start() override {
    resolver_.async_resolve(endpoint_.host, endpoint_.port,
                            [self = this->shared_from_this()](auto ec, const auto& addresses) {
                              if (ec) return self->broke("cannot find the server", ec);
                              self->connect(addresses);
                            });
  }

  void send(std::string text) override {
    outbox_.push_back(std::move(text));
    if (outbox_.size() == 1 && open_) write();
  }

  void read_on() override {
    if (std::exchange(paused_, false)) read();
  }

  void drop() override {
    silent_ = true;
    resolver_.cancel();
    beast::get_lowest_layer(socket_).cancel();
  }

  void say_goodbye(const std::function<void()>& done) override {
    const bool gone = std::exchange(silent_, true);
    if (!open_ || gone) {
      drop();
      return done();
    }
    socket_.async_close(websocket::close_code::normal,
                        [self = this->shared_from_this(), done](error_code) { done(); });
  }

 private:
  void connect(const tcp::resolver::results_type& addresses) {
    auto& stream = beast::get_lowest_layer(socket_);
    stream.expires_after(timeout_);
    stream.async_connect(addresses, [self = this->shared_from_this()](auto ec, const auto&) {
      if (ec) return self->broke("cannot connect", ec);
      self->shake_hands();
    });
  }

  void shake_hands() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      upgrade();
    } else {
      auto& stream = socket_.next_layer();
      if (const auto error = expect_host(stream, endpoint_)) return broke("no TLS", error);
      stream.async_handshake(asio::ssl::stream_base::client,
                             [self = this->shared_from_this()](auto ec) {
                               if (ec) return self->broke("no TLS", ec);
                               self->upgrade();
                             });
    }
  }

  void upgrade() {
    auto& stream = beast::get_lowest_layer(socket_);
    stream.expires_never();
    error_code ignored;
    stream.socket().set_option(tcp::no_delay{true}, ignored);
    socket_.set_option(websocket::stream_base::timeout{
        .handshake_timeout = timeout_, .idle_timeout = kSilenceMax, .keep_alive_pings = true});
    socket_.read_message_max(kFrameBytesMax);
    socket_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "msgctl/" MSG_VERSION);
      request.set(beast::http::field::sec_websocket_protocol, "msg.v1.json");
    }));
    socket_.async_handshake(response_, endpoint_.authority(), endpoint_.prefix + "/api/v1/ws",
                            [self = this->shared_from_this()](auto ec) {
                              if (ec) return self->broke("no WebSocket", ec);
                              self->opened();
                            });
  }

  void opened() {
    open_ = true;
    socket_.text(true);
    event(WsOpened{});
    if (!outbox_.empty()) write();
    read();
  }

  void read() {
    socket_.async_read(buffer_, [self = this->shared_from_this()](auto ec, std::size_t) {
      if (ec) return self->broke("the connection broke", ec);
      const bool more = self->event(WsText{beast::buffers_to_string(self->buffer_.data())});
      self->buffer_.consume(self->buffer_.size());
      if (more) return self->read();
      self->paused_ = true;
    });
  }

  /// A failure to write shows in read() too, with the close code when there was one.
  void write() {
    socket_.async_write(asio::buffer(outbox_.front()),
                        [self = this->shared_from_this()](auto ec, std::size_t) {
                          if (ec) return;
                          self->outbox_.pop_front();
                          if (!self->outbox_.empty()) self->write();
                        });
  }

  void broke(std::string_view what, error_code ec) {
    WsClosed closed;
    if (ec == websocket::error::closed) {
      closed.code = socket_.reason().code;
      closed.reason = std::string{std::string_view{socket_.reason().reason}};
    } else {
      closed.reason = std::string{what} + ": " + ec.message();
    }
    if (ec == websocket::error::upgrade_declined)
      closed.http_status = static_cast<int>(response_.result_int());
    event(std::move(closed));
    silent_ = true;
  }

  bool event(WsEvent event) { return silent_ || inbox_.push(std::move(event)); }

  const Endpoint& endpoint_;
  std::chrono::milliseconds timeout_;
  Inbox& inbox_;
  tcp::resolver resolver_;
  websocket::stream<Stream> socket_;
  websocket::response_type response_;
  beast::flat_buffer buffer_;
  std::deque<std::string> outbox_;
  bool open_{false};
  bool paused_{false};
  bool silent_{false};
};

}  // namespace

class WsClient::Impl {
 public:
  Impl(Endpoint endpoint, std::chrono::milliseconds timeout)
      : endpoint_(std::move(endpoint)), timeout_(timeout), work_(io_.get_executor()) {
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Impl() {
    asio::post(io_, [this] {
      if (!connection_) return io_.stop();
      limit_.expires_after(kGoodbye);
      limit_.async_wait([this](error_code) { io_.stop(); });
      connection_->say_goodbye([this] { io_.stop(); });
    });
    thread_.join();
  }

  void connect() {
    asio::post(io_, [this] {
      if (connection_) connection_->drop();
      connection_ = make_connection();
      if (connection_ != nullptr) connection_->start();
    });
  }
  void send(std::string text) {
    asio::post(io_, [this, text = std::move(text)]() mutable {
      if (connection_) connection_->send(std::move(text));
    });
  }
  void drop() {
    asio::post(io_, [this] {
      if (connection_) connection_->drop();
      connection_.reset();
    });
  }
  std::vector<WsEvent> take() {
    auto events = inbox_.take();
    if (events.size() >= kEventsMax) {
      asio::post(io_, [this] {
        if (connection_) connection_->read_on();
      });
    }
    return events;
  }
  int fd() const { return inbox_.fd(); }

 private:
  std::shared_ptr<AnyConnection> make_connection() {
    if (!endpoint_.tls) {
      return std::make_shared<Connection<beast::tcp_stream>>(io_, endpoint_, timeout_, inbox_);
    }
    if (const auto good = prepare_tls(tls_, endpoint_); !good) {
      inbox_.push(WsClosed{.reason = good.error().text});
      return nullptr;
    }
    return std::make_shared<Connection<beast::ssl_stream<beast::tcp_stream>>>(
        io_, endpoint_, timeout_, inbox_, tls_);
  }

  Endpoint endpoint_;
  std::chrono::milliseconds timeout_;
  Inbox inbox_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::shared_ptr<AnyConnection> connection_;
  asio::steady_timer limit_{io_};  ///< Of the goodbye.
  std::thread thread_;
};

WsClient::WsClient(Endpoint endpoint, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(std::move(endpoint), timeout)) {}
WsClient::~WsClient() = default;
void WsClient::connect() {
  impl_->connect();
}
void WsClient::send(std::string text) {
  impl_->send(std::move(text));
}
void WsClient::drop() {
  impl_->drop();
}
int WsClient::fd() const {
  return impl_->fd();
}
std::vector<WsEvent> WsClient::take() {
  return impl_->take();
}

}  // namespace msgctl
