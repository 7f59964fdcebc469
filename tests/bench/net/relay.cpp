// SPDX-License-Identifier: Apache-2.0
#include "net/relay.h"

#include <string>

namespace msg::bench {
namespace {

// Of msgd's reply and event for a message of 100 bytes in these benchmarks.
constexpr const char* kAnswerBytes = "452";
constexpr const char* kEventBytes = "563";

}  // namespace

Relay::Relay(const std::vector<Room>& rooms, std::uint32_t links)
    : room_of_link_(links), server_("beast_relay", {kAnswerBytes, kEventBytes}) {
  for (std::uint32_t room = 0; room < rooms.size(); ++room) {
    for (const std::uint32_t link : rooms[room].links) room_of_link_[link] = room;
  }
}

std::vector<Link> Relay::connect() const {
  std::vector<Link> links;
  links.reserve(room_of_link_.size());
  for (const std::uint32_t room : room_of_link_) {
    links.emplace_back(server_.port(), "/" + std::to_string(room));
  }
  return links;
}

}  // namespace msg::bench
