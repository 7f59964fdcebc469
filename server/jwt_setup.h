// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "auth/jwt_sign_in.h"
#include "config.h"

namespace msgd {

/// What is wrong with that part of the configuration, keys in a file included, or "".
std::string check_jwt(const Config& config);

/// Sign-in by tokens as the configuration has it; null when no keys are named. Keys of a URL that
/// cannot be fetched now are no error: it is tried again.
std::expected<std::unique_ptr<JwtSignIn>, std::string> open_jwt_sign_in(const Config& config);

}  // namespace msgd
