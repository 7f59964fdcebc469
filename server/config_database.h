// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "config.h"

namespace msgd {

/// The store's URL that DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD mean together, as
/// platforms and compose files give them; nothing without DB_HOST, or what is wrong with them.
/// A variable that is empty counts as not given. DB_HOST may list several hosts with commas, each
/// with a port of its own after a colon: a primary and its standbys.
std::expected<std::optional<std::string>, std::string> database_url(
    const EnvironmentVariables& environment);

/// The Redis that REDIS_HOST, REDIS_PORT and REDIS_PASSWORD mean, likewise.
std::expected<std::optional<std::string>, std::string> redis_url(
    const EnvironmentVariables& environment);

}  // namespace msgd
