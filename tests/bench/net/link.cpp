// SPDX-License-Identifier: Apache-2.0
#include "net/link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/server_process.h"

namespace msg::bench {
namespace {

constexpr std::array<char, 4> kMask{'\x5a', '\x17', '\x3c', '\x71'};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

}  // namespace

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (descriptor < 0 || ::connect(descriptor, where, sizeof address) != 0) give_up("connect");
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

void send_all(int descriptor, std::string_view bytes) {
  // A server that does not read would stop the benchmark here, which is what it should do then.
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) give_up("send");
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
}

Link::Link(std::uint16_t port, const std::string& target) : descriptor_(connect_to(port)) {
  out_ = "GET " + target +
         " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bXNnLWJlbmNobWFyay1rZQ==\r\n\r\n";
  flush();
  // Byte by byte: what comes behind the head is frames.
  std::string head;
  for (char c = 0; !head.ends_with("\r\n\r\n"); head.push_back(c)) {
    if (::recv(descriptor_, &c, 1, 0) != 1) give_up("upgrade");
  }
  if (!head.starts_with("HTTP/1.1 101")) give_up(head.c_str());
}

Link::~Link() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Link::Link(Link&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      out_(std::move(other.out_)),
      rest_(std::move(other.rest_)) {}

void Link::queue(std::string_view text) {
  queue_frame(kText, text);
}

void Link::queue_frame(std::uint8_t opcode, std::string_view payload) {
  constexpr char masked = '\x80';
  out_.push_back(static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    out_.push_back(static_cast<char>(masked | static_cast<char>(payload.size())));
  } else {
    if (payload.size() > 0xFFFF) give_up("frame too long");
    out_.push_back(static_cast<char>(masked | 126));
    out_.push_back(static_cast<char>(payload.size() >> 8));
    out_.push_back(static_cast<char>(payload.size() & 0xFF));
  }
  out_.append(kMask.data(), kMask.size());
  const std::size_t begin = out_.size();
  out_.append(payload);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out_[begin + i] = static_cast<char>(out_[begin + i] ^ kMask[i % kMask.size()]);
  }
}

void Link::flush() {
  send_all(descriptor_, out_);
  out_.clear();
}

std::string_view Link::receive(std::span<char> scratch) {
  const std::size_t kept = rest_.size();
  if (kept >= scratch.size()) give_up("frame too long");
  std::memcpy(scratch.data(), rest_.data(), kept);
  const ssize_t got =
      ::recv(descriptor_, scratch.data() + kept, scratch.size() - kept, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (got <= 0) give_up("connection lost");
  return {scratch.data(), kept + static_cast<std::size_t>(got)};
}

bool Link::take(std::string_view& bytes, Frame& frame) {
  if (bytes.size() < 2) return false;
  std::uint64_t size = static_cast<std::uint8_t>(bytes[1]) & 0x7F;
  const std::size_t head = size == 126 ? 4 : size == 127 ? 10 : 2;
  if (bytes.size() < head) return false;
  if (head > 2) size = big_endian(bytes.substr(2, head - 2));
  if (bytes.size() - head < size) return false;
  frame.opcode = static_cast<std::uint8_t>(bytes[0]) & 0x0F;
  frame.payload = bytes.substr(head, size);
  bytes.remove_prefix(head + size);
  return true;
}

}  // namespace msg::bench
