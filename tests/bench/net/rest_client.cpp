// SPDX-License-Identifier: Apache-2.0
#include "net/rest_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "net/link.h"
#include "net/server_process.h"

namespace msg::bench {

RestClient::RestClient(std::uint16_t port, const std::string& token)
    : descriptor_(connect_to(port)),
      fields_(" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n") {}

RestClient::~RestClient() {
  ::close(descriptor_);
}

void RestClient::post(const std::string& path, const std::string& json) {
  begin("POST " + path,
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) + "\r\n",
        json);
}

void RestClient::get(const std::string& target) {
  begin("GET " + target, {}, {});
}

void RestClient::begin(const std::string& line, const std::string& fields,
                       const std::string& body) {
  in_.clear();
  send_all(descriptor_, line + fields_ + fields + "\r\n" + body);
}

bool RestClient::take_answer() {
  return receive(MSG_DONTWAIT) && is_answered();
}

int RestClient::take_status() {
  if (!receive(MSG_DONTWAIT) || !is_complete()) return 0;
  const int status = std::atoi(in_.c_str() + std::strlen("HTTP/1.1 "));
  if (status / 100 != 2 && status != 503) give_up(in_.c_str());
  return status;
}

const std::string& RestClient::wait_for_answer() {
  while (!receive(0) || !is_answered()) {
  }
  return in_;
}

bool RestClient::receive(int flags) {
  std::array<char, 65536> bytes;
  const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), flags);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) give_up("connection lost");
  in_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

bool RestClient::is_answered() {
  if (!is_complete()) return false;
  if (!in_.starts_with("HTTP/1.1 2")) give_up(in_.c_str());
  return true;
}

bool RestClient::is_complete() const {
  constexpr std::string_view field = "\r\nContent-Length: ";
  const auto head = in_.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const auto place = in_.find(field);
  if (place == std::string::npos || place > head) give_up("no Content-Length");
  const auto size = std::strtoull(in_.c_str() + place + field.size(), nullptr, 10);
  return in_.size() >= head + 4 + size;
}

}  // namespace msg::bench
