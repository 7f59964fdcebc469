// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "msg/types.h"

namespace msgctl {

/// An own message, as far as its ticks need it.
struct OwnMessage {
  msg::Seq seq{};
  msg::Time created_at{};
  std::string client_id;
};

/// The newest own message that is delivered, and the newest that is read, by everybody who should.
/// Watermarks only rise, so these two say everything about the older ones.
class Progress {
 public:
  using Members = std::map<msg::UserId, msg::Member>;

  void add(OwnMessage message);

  /// The newest own message that reached `state` (delivered or read) and had not when this was
  /// last asked; nothing when there is no news.
  std::optional<OwnMessage> advance(msg::MessageState state, msg::UserId me,
                                    const Members& members);

  /// The newest own message and its state, for those who ask.
  const std::optional<OwnMessage>& newest() const { return newest_; }
  msg::MessageState state_of_newest() const;

 private:
  /// Own messages nobody reads for ever do not pile up: the oldest are forgotten.
  static constexpr std::size_t kWaitingMax = 10'000;

  struct Track {
    std::deque<OwnMessage> waiting;
    msg::Seq reached{};
  };
  Track& track(msg::MessageState state);

  Track delivered_, read_;
  std::optional<OwnMessage> newest_;
};

}  // namespace msgctl
