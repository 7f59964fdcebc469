// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "arguments.h"
#include "msg/types.h"

/// Dataclasses of libmsg.types that are given back to the library.
namespace pymsg {

msg::Session session_of(const py::handle& session);
msg::ApiKey api_key_of(const py::handle& key);
msg::Principal principal_of(const py::handle& principal);
std::optional<msg::KeyScopes> scopes_of(const std::optional<std::vector<msg::KeyScope>>& scopes);

}  // namespace pymsg
