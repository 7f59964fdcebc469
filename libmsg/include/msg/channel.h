// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "msg/messenger.h"

namespace msg {

/// For what a program's processes on one store tell each other besides, over Options::bus: what
/// they have counted, what they would like to forget. Like all that a bus carries, it may be lost.
///
/// What is heard was said by such a process, and not before: each payload is sealed with the
/// store's secret (BLAKE2b) and has the time of its sender, which rises. What is not later than the
/// last of that process, or is more than ten minutes off this clock, is not heard. It is not
/// encrypted.
///
/// Thread safety: all calls from any thread.
class Channel {
 public:
  /// What another process said; on a thread of the bus, one at a time. It must be quick.
  using Handler = std::function<void(std::string_view payload)>;

  /// A short word that no other channel of the program has; `messenger` must outlive it. Without a
  /// bus, or on a store of this process alone, nothing is said and nothing heard.
  Channel(Messenger& messenger, std::string name, Handler handler);
  ~Channel();  ///< Afterwards no handler runs any more. Not from inside one.
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Whether there is anybody to talk to, in principle.
  bool is_open() const;

  /// Never waits. Of more than kChannelPayloadMax bytes nothing is said.
  void say(std::string_view payload);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};
inline constexpr std::size_t kChannelPayloadMax = std::size_t{500} * 1024;

}  // namespace msg
