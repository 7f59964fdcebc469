// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "net/link.h"
#include "net/server_process.h"
#include "net/traffic.h"

namespace msg::bench {

/// The bare Beast server (beast_relay.cpp) with the same rooms as msgd.
class Relay {
 public:
  Relay(const std::vector<Room>& rooms, std::uint32_t links);

  [[nodiscard]] const ServerProcess& server() const { return server_; }
  /// The links, each in its room.
  [[nodiscard]] std::vector<Link> connect() const;

 private:
  std::vector<std::uint32_t> room_of_link_;
  ServerProcess server_;
};

}  // namespace msg::bench
