// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "msgctl/commands.h"
#include "msgctl/failure.h"
#include "msgctl/settings.h"

namespace msgctl {

/// Talks until the user ends it: on a terminal with line editing, else line by line. Blocks the
/// signals that end a program and handles them itself; call it once, before any other thread runs.
///
/// Fails when the conversation cannot be opened or the server refuses for good; a server that goes
/// away later is waited for.
Outcome<Exit> chat(const Globals& globals, const Chat& command);

}  // namespace msgctl
