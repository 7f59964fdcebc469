// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "msg/rules.h"
#include "msg/status.h"
#include "store/side_record.h"

namespace msg {

/// Which invitation a token names.
struct InvitationKey {
  ConversationId conversation{};
  std::string key{};  ///< Of its side record: 16 random bytes.
};

InvitationKey make_invitation_key(ConversationId conversation);
std::string token_of(const InvitationKey& key);
/// Nothing: no such token was ever given.
std::optional<InvitationKey> read_token(std::string_view token);

SideRecord record_of(const Invitation& invitation, const InvitationKey& key);
Result<Invitation> invitation_of(const SideRecord& record);

SideRecord record_of(const JoinRequest& request);
Result<JoinRequest> join_request_of(const SideRecord& record);

}  // namespace msg
