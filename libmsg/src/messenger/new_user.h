// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "commit/batch.h"
#include "msg/options.h"
#include "msg/requests.h"
#include "msg/types.h"

namespace msg {

// What a commit does with a user, whoever asked for it.

/// The user that is asked for, checked, without an id.
Result<User> user_of(const NewUser& given, const Limits& limits);
/// Gives it an id. conflict: the phone or the username is taken.
Result<User> insert_user(Batch& batch, User user);

/// not_found: there is none. conflict: as insert_user().
Result<User> change_user(Batch& batch, UserId id, const UserPatch& patch, const Limits& limits);

}  // namespace msg
