// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "msg/types.h"

namespace msg::bench {

inline constexpr UserId kRawUser{7'000'000'000'001};

/// Ids as large as real ones are.
constexpr ConversationId raw_room(std::int64_t number) {
  return ConversationId{7'000'000'000'000 + number * 4096};
}

/// The values that the library's key layout has, encoded before the clock starts. Their checksums
/// belong to other keys: a raw engine looks at none.
struct KvSample {
  KvSample();
  [[nodiscard]] const std::string& message(std::int64_t number) const {
    return messages[static_cast<std::size_t>(number) % messages.size()];
  }

  std::vector<std::string> messages;
  std::string idempotency;
  std::string head;
  std::string member;
  std::string membership;
};

}  // namespace msg::bench
