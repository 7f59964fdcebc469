// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "msg/sign_in.h"

namespace msgd {

/// {"phone":"+1…","code":"123456","lifetime_s":300}, by `post`, which returns why it failed, or "".
msg::CodeSender code_sender(std::function<std::string(const std::string& body)> post);

/// Into the log: for a first look on one's own machine only.
msg::CodeSender code_logger();

}  // namespace msgd
