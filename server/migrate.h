// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace msgd {

/// Whether the command line, program name first, begins with the word `migrate`.
bool asks_to_migrate(std::span<const char* const> line);

/// `msgd migrate [--plan] [option …]`: brings the store's schema to this program's, which starting
/// does as well, and ends; or tells what it would do. 0: done. 1: could not. 2: wrong usage.
int run_migrate(std::span<const char* const> line);

}  // namespace msgd
