// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "msg/status.h"

namespace msg::postgres {

/// What a URL says. Parameters whose names begin with msg_ are ours, all others are libpq's.
struct Settings {
  /// For PQconnectdbParams: keyword and value.
  std::vector<std::pair<std::string, std::string>> keywords;
  /// msg_timeout_ms: longest statement, lock waits included. Whoever waits for the answer waits
  /// one second longer before giving the connection up.
  std::chrono::milliseconds timeout{5'000};
  /// msg_partitions: into how many parts messages are split when the schema is made.
  int partitions{16};

  /// `text` without the password, should it stand in it.
  std::string without_secrets(std::string_view text) const;
};

/// invalid_argument, field "url"; its text does not repeat the URL.
Result<Settings> parse_url(std::string_view url);

}  // namespace msg::postgres
