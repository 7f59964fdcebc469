// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "model/screen.h"
#include "msg/messenger.h"

namespace msg::test {

/// A user's device that knows the service by sync alone, and may be put back to an old state.
class Device {
 public:
  explicit Device(UserId user) : user_(user) {}

  /// At most `pages_max` pages, 0: all there are. The screen, if all came.
  Result<std::optional<Screen>> catch_up(Messenger& messenger, int limit, int pages_max);

  /// To what it was before the `back` latest calls of catch_up(), as far as there were so many.
  void put_back(int back);

 private:
  struct State {
    std::string cursor;
    Screen screen;
  };

  Result<void> apply(Messenger& messenger, const ConversationDelta& delta);
  Result<void> read_missing(Messenger& messenger, ConversationId conversation,
                            const SeqRange& missing);
  Result<void> read_people(Messenger& messenger, ConversationId conversation);
  static void apply_member(Chat& chat, const Member& member);

  UserId user_;
  State now_;
  std::vector<State> earlier_;
};

}  // namespace msg::test
