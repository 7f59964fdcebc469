// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "msgctl/commands.h"
#include "msgctl/settings.h"

namespace msgctl {

struct Invocation {
  Globals globals;
  Command command;
};

/// What to print instead of running, and how to end: help and version are Exit::ok.
struct Advice {
  Exit exit{Exit::usage};
  std::string text;
};

/// Takes the command line apart. Looks at nothing else: no file, no environment.
std::expected<Invocation, Advice> parse_command_line(int argc, const char* const* argv);

}  // namespace msgctl
