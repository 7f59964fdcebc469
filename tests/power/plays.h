// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "power/clients.h"
#include "power/sweep.h"

namespace msg::power {

/// Everything a store does, on a new disk: begin, write, write back, close, open again.
void play_short(Clients& clients);

// Fail the test with what was found.
void expect_none(const Sweep& sweep);
void expect_none(const Clients& clients);

}  // namespace msg::power
