// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "msg/sign_in.h"

namespace msg {

/// Codes on their way to the sender, whose slowness nobody feels. Bounded.
///
/// Thread safety: all calls from any thread.
class CodeQueue {
 public:
  CodeQueue(CodeSender sender, const SignInOptions& options,
            std::function<void(std::string_view)> log);
  /// Waits for the codes that the sender is at, and drops those that wait.
  ~CodeQueue();

  bool has_room() const;
  /// Nothing is put in, and goes the same way, where a code is withheld: so that it takes the same
  /// time. False: there was no room.
  bool put(std::optional<CodeToSend> code);
  std::int64_t failures() const { return failures_; }

 private:
  void run();
  void send(const CodeToSend& code);

  CodeSender sender_;
  const std::size_t max_;
  std::function<void(std::string_view)> log_;
  std::atomic<std::int64_t> failures_{0};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::optional<CodeToSend>> queue_;
  bool stopping_{false};
  std::vector<std::jthread> threads_;  // last: they use all the others
};

}  // namespace msg
