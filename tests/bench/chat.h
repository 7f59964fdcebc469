// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "figures.h"
#include "msg/messenger.h"

namespace msg::bench {

/// A store that is open, with the two users that all benchmarks have. What fails ends the program:
/// a figure of half the work is none.
class Chat {
 public:
  explicit Chat(const std::string& url, Options options = {});

  Messenger& messenger() { return *messenger_; }
  UserId alice() const { return alice_; }
  UserId bob() const { return bob_; }
  /// A new user with a phone of its own; from any thread.
  UserId make_user();
  ConversationId make_group(UserId owner, const std::vector<UserId>& others);

 private:
  std::unique_ptr<Messenger> messenger_;
  std::atomic<std::int64_t> users_{0};
  UserId alice_;
  UserId bob_;
};

/// The next message of a conversation, or of several in turn, by one sender or by several in turn.
class Drafts {
 public:
  Drafts(std::vector<ConversationId> rooms, std::vector<UserId> senders);
  /// From any thread.
  Draft next();

 private:
  std::vector<ConversationId> rooms_;
  std::vector<UserId> senders_;
  std::string key_;  // begins each client_id; a repeated one would make no message
  std::atomic<std::int64_t> count_{0};
};

/// `window` sends on their way at any time, from one thread, until the time is over.
Sample send_pipelined(Messenger& messenger, Drafts& drafts, int window, double seconds);

/// Sends so many as fast as it goes; `told` hears from time to time how many were sent.
void load(Messenger& messenger, Drafts& drafts, std::int64_t count,
          const std::function<void(std::int64_t)>& told = {});

/// Calls work(0), work(1) … work(count - 1) on 64 threads, so that they share commits.
void in_parallel(int count, const std::function<void(int)>& work);

[[noreturn]] void give_up(const Error& error);

/// The value, or the end of the program.
template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  return *std::move(result);
}

}  // namespace msg::bench
