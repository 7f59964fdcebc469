// SPDX-License-Identifier: Apache-2.0
// The baseline of the benchmarks over sockets: Beast as its own examples use it (a queue for each
// session, one write for each message), with one thread, which is what msgd has for its sockets.
// It does what a chat server must do on the sockets and nothing else: who upgrades at /N is in room
// N; whatever a member sends comes back as an answer, and goes to every member, its sender too.
// Answer and event have the sizes that msgd's have. Nothing is parsed but the number, nothing kept.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, asio::io_context::executor_type>;
using Stream = beast::basic_stream<Tcp, asio::io_context::executor_type>;
using Frame = std::shared_ptr<const std::string>;
using Error = boost::system::error_code;

constexpr std::string_view kId = "{\"id\":";
constexpr std::string_view kContent = "\"content\":\"";
constexpr std::size_t kContentBytes = 100;

struct Sizes {
  std::size_t answer;
  std::size_t event;
};

class Session;
using Rooms = std::unordered_map<std::string, std::unordered_set<Session*>>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Socket socket, Rooms& rooms, Sizes sizes)
      : stream_(std::move(socket)), rooms_(rooms), sizes_(sizes) {}
  ~Session() {
    if (room_ != nullptr) room_->erase(this);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() {
    http::async_read(stream_.next_layer(), buffer_, upgrade_,
                     [self = shared_from_this()](Error error, std::size_t) {
                       if (!error) self->accept();
                     });
  }

  void send(Frame frame) {
    queue_.push_back(std::move(frame));
    if (queue_.size() == 1) write();
  }

 private:
  void accept() {
    room_ = &rooms_[std::string(upgrade_.target())];
    stream_.async_accept(upgrade_, [self = shared_from_this()](Error error) {
      if (error) return;
      self->room_->insert(self.get());
      self->upgrade_ = {};
      self->stream_.text(true);
      self->read();
    });
  }

  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return;
      self->take();
      self->read();
    });
  }

  void take() {
    const auto bytes = buffer_.cdata();
    const std::string_view text(static_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with(kId)) {
      const auto number = text.substr(0, text.find(','));
      std::string answer = std::string(number) + ",\"ok\":true";
      answer.resize(std::max(sizes_.answer, answer.size()), ' ');
      std::string event = "{\"event\":\"message\",";
      const auto content = text.find(kContent);
      if (content != std::string_view::npos) {
        event += text.substr(content, kContent.size() + kContentBytes);
      }
      event.resize(std::max(sizes_.event, event.size()), ' ');
      send(std::make_shared<const std::string>(std::move(answer)));
      const Frame shared = std::make_shared<const std::string>(std::move(event));
      for (Session* member : *room_) member->send(shared);
    }
    buffer_.consume(buffer_.size());
  }

  void write() {
    stream_.async_write(asio::buffer(*queue_.front()),
                        [self = shared_from_this()](Error error, std::size_t) {
                          if (error) return;
                          self->queue_.pop_front();
                          if (!self->queue_.empty()) self->write();
                        });
  }

  beast::websocket::stream<Stream> stream_;
  beast::flat_buffer buffer_;
  http::request<http::empty_body> upgrade_;
  std::deque<Frame> queue_;
  Rooms& rooms_;
  std::unordered_set<Session*>* room_{nullptr};
  const Sizes sizes_;
};

class Listener {
 public:
  Listener(asio::io_context& context, Sizes sizes)
      : acceptor_(context, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        context_(context),
        sizes_(sizes) {
    acceptor_.listen(4096);
    std::fprintf(stderr, "{\"event\":\"listening\",\"port\":%d}\n",
                 static_cast<int>(acceptor_.local_endpoint().port()));
    accept();
  }

 private:
  void accept() {
    acceptor_.async_accept(context_, [this](Error error, Socket socket) {
      if (error) return;
      socket.set_option(Tcp::no_delay(true));
      std::make_shared<Session>(std::move(socket), rooms_, sizes_)->start();
      accept();
    });
  }

  asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type> acceptor_;
  asio::io_context& context_;
  Rooms rooms_;
  const Sizes sizes_;
};

}  // namespace

/// beast_relay ANSWER_BYTES EVENT_BYTES
int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "Usage: beast_relay ANSWER_BYTES EVENT_BYTES\n");
    return 2;
  }
  asio::io_context context(1);
  const Listener listener(context, {static_cast<std::size_t>(std::atoi(argv[1])),
                                    static_cast<std::size_t>(std::atoi(argv[2]))});
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](Error, int) { context.stop(); });
  context.run();
  std::_Exit(0);  // the sessions go with the process
}
