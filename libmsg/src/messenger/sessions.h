// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commit/batch.h"
#include "messenger/impl.h"
#include "msg/options.h"
#include "msg/types.h"

namespace msg {

inline constexpr std::string_view kSessionPrefix = "mss_";

/// A new session of the user with that token. The oldest one ends when there are too many.
/// not_found: no such user.
Result<Session> begin_session(Batch& batch, UserId user, const std::string& device_name,
                              const TokenHash& token, const Options& options);

/// The session as it was, or is then. not_found: the user has no such session.
Result<Session> end_session(Batch& batch, UserId user, SessionId id);
Result<Session> rename_session(Batch& batch, UserId user, SessionId id,
                               const std::string& device_name);

/// Ends all of the user but `own`, where there is one. Returns which.
Result<std::vector<SessionId>> end_sessions(Batch& batch, UserId user,
                                            std::optional<SessionId> own);

/// One answer for every cause, so that it tells nothing.
std::unexpected<Error> unauthenticated();
/// Refuses an expired session, and notes the use of another.
Result<void> use_session(MessengerInside::Impl& messenger, const Principal& principal);
bool is_expired(const Session& session, Time now, const Options& options);

}  // namespace msg
