// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "feed/hint.h"
#include "msg/bus.h"

namespace msg {

/// What the processes on one store say to each other under a name on the bus. What is heard was
/// said by such a process, under this name, and is later than all that was heard of it before: each
/// word is sealed with the store's secret and has the time of its sender, which rises. What is more
/// than ten minutes off this clock is not heard.
///
/// Thread safety: all calls from any thread.
class SealedChannel {
 public:
  using Clock = std::function<Time()>;
  /// `process` names who says it, for as long as that lives. On a thread of the bus, one at a time.
  using Handler = std::function<void(std::string_view process, std::string_view payload)>;

  /// Without a bus nothing is said and nothing heard.
  SealedChannel(std::shared_ptr<Bus> bus, const StoreIdentity& identity, std::string name,
                Clock clock, Handler handler);
  ~SealedChannel();  ///< Afterwards no handler runs any more. Not from inside one.
  SealedChannel(const SealedChannel&) = delete;
  SealedChannel& operator=(const SealedChannel&) = delete;

  bool is_open() const { return bus_ != nullptr; }
  /// Never waits.
  void say(std::string_view payload);

 private:
  using Moment = std::chrono::sys_time<std::chrono::microseconds>;

  void take(std::string_view bytes);
  bool is_new(std::string_view process, Moment said_at);

  const std::shared_ptr<Bus> bus_;
  const HintCodec codec_;
  const std::string name_;
  const Clock clock_;
  const Handler handler_;
  std::mutex saying_;  ///< Words leave in the order of their times.
  Moment said_at_{};
  std::mutex hearing_;
  std::unordered_map<std::string, Moment> heard_;  ///< The time of each process's last word.
};

}  // namespace msg
