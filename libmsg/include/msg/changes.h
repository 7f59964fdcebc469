// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "msg/types.h"

namespace msg {

/// Another text for a message that was sent. The message keeps its id, its place and its client_id.
struct Edit {
  MessageId message;
  std::string content{};  ///< Limits as for sending.
};

/// One change of a message's content: who made it, when, and what was there before.
struct Revision {
  UserId by{};
  Version version{};
  Time at{};             ///< time_of(version).
  bool deletion{false};  ///< Else an edit.
  /// What it replaced. Empty once the message is deleted: then nothing of it is kept.
  std::string content{};
  bool operator==(const Revision&) const = default;
};

/// The latest so many revisions of a message are kept.
inline constexpr std::size_t kRevisionsMax = 10;

}  // namespace msg
