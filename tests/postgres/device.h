// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "msg/messenger.h"

namespace msg::test {

/// A device that is told of everything, by events while it can be, by sync where it fell behind. It
/// checks on the way that each conversation's messages come once, in order and without a hole.
class Device {
 public:
  /// It leaves after so many looks at what is new, and comes back with the last cursor that it was
  /// given; 0: it stays.
  Device(Messenger& messenger, UserId user, int leaves_after = 0);

  /// Syncs whenever it is behind, until `is_enough`, which is asked with nothing moving; at most
  /// twenty seconds. False: in vain.
  bool follow_until(const std::function<bool(Device&)>& is_enough);

  // To be asked there.
  std::int64_t last(ConversationId conversation) { return last_[conversation]; }
  std::int64_t read_by(UserId user) { return read_[user]; }
  std::size_t typing() const { return typing_; }
  std::size_t falls() const { return falls_; }  ///< How often events gave way to sync.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  void take(const Event& event);
  void take(const Message& message);
  void take(const Member& member);
  void fall_behind();
  void sync();
  void subscribe();
  void leave_and_come_back();
  bool is_behind();

  Messenger& messenger_;
  const UserId user_;
  const int leaves_after_;
  int looks_{0};
  std::mutex mutex_;
  std::condition_variable news_;
  std::uint64_t moves_{0};
  bool behind_{true};
  std::string cursor_;
  std::map<ConversationId, std::int64_t> last_;
  std::map<UserId, std::int64_t> read_;
  std::size_t typing_{0};
  std::size_t falls_{0};
  std::vector<std::string> complaints_;
  std::unique_ptr<Subscription> subscription_;  // last: its handler uses all the others
};

}  // namespace msg::test
