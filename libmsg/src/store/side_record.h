// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "msg/types.h"

namespace msg {

/// What a side record is about. The numbers are a disk format: a new kind takes the next one, none
/// changes its meaning. docs/storage.md has the table of owners, keys and values.
enum class SideKind : std::int64_t {
  sign_in = 1,        ///< Owner: hash of a phone number. What was sent to it, and what was guessed.
  ticket = 2,         ///< Owner: user. A way in that works once.
  pin = 3,            ///< Owner: user. The second secret, and what was guessed.
  block = 16,         ///< Owner: who blocks; key: the other's id. When.
  blocked_by = 17,    ///< The same with owner and key changed round.
  invitation = 18,    ///< Owner: group; key: what its token says.
  join_request = 19,  ///< Owner: group; key: user id. When.
  slow_mode = 20,     ///< Owner: group; key: user id. Until it expires the user may not send.
  external_id = 32,   ///< Owner: hash of issuer and subject. Which user that is.
  external_user = 33,  ///< Owner: user. By which subject of an issuer it is known.
  audit = 34,          ///< Owner: 0. What an administrator did.
  news = 48,           ///< Owner: user; key: group id. What others did to the membership.
  alert = 49,          ///< Owner: user; key: id. What the operator has to say.
};

constexpr std::int64_t to_int(SideKind kind) {
  return static_cast<std::int64_t>(kind);
}

/// Something small that belongs to a user, a conversation or a phone number and is found by its
/// key alone, so that it needs no table of its own. Who reads it ignores it from `expires_at` on,
/// whether it is still there or not.
struct SideRecord {
  SideKind kind{};
  std::int64_t owner{};  ///< Leads the key behind the kind: by it a store can be split.
  std::string key{};     ///< Bytes, 1 to kSideKeyMax.
  std::string value{};   ///< Bytes, at most kSideValueMax, in a format of the kind.
  std::optional<Time> expires_at{};
  bool operator==(const SideRecord&) const = default;
};
inline constexpr std::size_t kSideKeyMax = 128;
inline constexpr std::size_t kSideValueMax = std::size_t{64} * 1024;

}  // namespace msg
