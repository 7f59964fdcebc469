// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "config.h"
#include "msg/sign_in.h"

namespace msgd {

/// Sign-in as the configuration has it; null when there is no way to send a code. The error is a
/// sentence for the operator.
std::expected<std::unique_ptr<msg::SignIn>, std::string> open_sign_in(msg::Messenger& messenger,
                                                                      const Config& config);

void append_sign_in_metrics(std::string& out, const msg::SignInCounters& counters);

}  // namespace msgd
