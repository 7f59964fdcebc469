// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"
#include "msg/messenger.h"
#include "ops/services.h"

namespace msgd {

// What a request shows of who sends it.

/// The token of an Authorization header of the Bearer scheme, else of a header SessionToken.
std::optional<std::string_view> token_of(const Request& request);

/// The ticket of a query.
std::optional<std::string_view> ticket_of(const Request& request);

/// It would end up in logs, histories and the headers of other requests.
bool has_token_in_query(const Request& request);

/// Who comes with that token. Without one, anybody, on a server that asks nobody; an
/// unauthenticated error on all others. Blocks.
msg::Result<msg::Principal> authenticate(Services& services, std::string_view token);

/// The same for one who was authenticated some time ago; see msg::Sessions::refresh(). Blocks.
msg::Result<msg::Principal> refresh(Services& services, const msg::Principal& principal);

}  // namespace msgd
