// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "support/helper_process.h"

namespace msg::test {

/// A redis-server of our own on a free port, with the password "p@ss". It keeps what it has only
/// when told to SAVE.
class RedisServer {
 public:
  RedisServer();

  /// Where libmsg finds it.
  std::string url() const { return "redis://:p%40ss@127.0.0.1:" + std::to_string(port_); }
  HelperProcess& process() { return process_; }

  /// What it answers to a command of somebody else: the text of a string, of an array those of its
  /// parts. Waits until it is up. Throws when it refuses.
  std::vector<std::string> command(const std::vector<std::string>& words) const;

 private:
  int port_;
  HelperProcess process_;
};

}  // namespace msg::test
