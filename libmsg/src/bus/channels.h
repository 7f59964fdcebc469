// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "msg/bus.h"

namespace msg {

/// Who listens to which channel.
///
/// Thread safety: all calls from any thread.
class Channels {
 public:
  void listen(std::string_view channel, Bus::Handler handler);
  /// Waits for a handler that runs.
  void stop_listening(std::string_view channel);
  void stop_all();
  /// False: nobody listens.
  bool hand_over(std::string_view channel, std::string_view payload);

 private:
  struct Listener {
    std::mutex calling;
    Bus::Handler handler;  ///< Guarded by it; empty once it ended.
  };
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Listener>, std::less<>> listeners_;
};

}  // namespace msg
