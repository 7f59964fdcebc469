// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "msg/messenger.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

/// How long a ticket is good.
inline constexpr std::chrono::milliseconds kTicketLifetime = std::chrono::seconds(30);

/// Stands for a session once, within kTicketLifetime.
struct NewTicket {
  std::string ticket{};  ///< "mst_" and base64url: safe in a URL.
  Time expires_at{};
};

/// What becomes of sessions after they were made. (Making, listing and ending one is the
/// Messenger's.)
///
/// Thread safety: all calls from any thread. The Messenger must outlive it.
class Sessions {
 public:
  explicit Sessions(Messenger& messenger) : messenger_(messenger) {}

  /// not_found: the actor has no such session. 0 to Limits::device_name_characters_max.
  Result<Session> rename(UserId actor, SessionId session, std::string device_name);
  /// Ends all of the user but this one. Returns which.
  Result<std::vector<SessionId>> revoke_others(const Session& own);

  /// For those who can show who they are in a URL only: a token must not stand there.
  Result<NewTicket> create_ticket(const Session& session);
  /// The session that the ticket was made for; the ticket is good for nothing from then on.
  /// unauthenticated: unknown, used or too old, or that session has ended.
  Result<Principal> redeem_ticket(std::string_view ticket);

  /// The same principal as it is now, for connections that stay open; counts as a use of the
  /// session. unauthenticated: it was revoked or has expired.
  Result<Principal> refresh(const Principal& principal);
  /// Whether it has ended by its age alone, which needs no look into the store.
  bool is_too_old(const Session& session) const;

 private:
  Messenger& messenger_;
};

}  // namespace msg
