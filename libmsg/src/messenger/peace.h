// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "commit/batch.h"
#include "core/side_key.h"
#include "store/store.h"

namespace msg {

/// Keys of side records that are users: they sort by id.
inline std::string side_key(UserId user) {
  return side_key(to_int(user));
}
inline UserId user_of_key(std::string_view key) {
  return UserId{id_of_side_key(key)};
}

Result<bool> blocks(Snapshot& snapshot, UserId user, UserId other);

/// permission_denied when one of these users blocks the actor.
Result<void> require_welcome(Batch& batch, UserId actor, std::span<const UserId> users);

/// What the two users of a direct conversation that is about to be made have against each other.
/// Nobody changes that before the commit.
Result<DirectState> read_peace(Batch& batch, UserId low, UserId high);

}  // namespace msg
