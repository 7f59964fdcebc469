// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg {

/// scheme://[user[:password]@]host[:port][/prefix], user and password percent-encoded.
struct BusUrl {
  std::string scheme;
  std::string user;
  std::string password;
  std::string host;
  int port{0};                ///< 0: the scheme's own.
  std::string prefix{"msg"};  ///< Of the names of channels, for several stores on one server.
};

/// invalid_argument, field "bus". The answer never shows the password.
Result<BusUrl> parse_bus_url(std::string_view url);

std::unexpected<Error> bad_bus(std::string detail);

}  // namespace msg
