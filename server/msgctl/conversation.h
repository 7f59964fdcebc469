// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "msg/types.h"
#include "msgctl/api.h"
#include "msgctl/commands.h"

namespace msgctl {

/// The conversation that is meant: a group the caller is in, or the direct one with a person, made
/// when there is none yet. bad_usage: neither was named, or both.
Outcome<msg::Conversation> find_conversation(const Api& api, const Target& target);

}  // namespace msgctl
