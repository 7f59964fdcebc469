// SPDX-License-Identifier: Apache-2.0
#include "moderation/invitation_codec.h"

#include <sodium.h>

#include <utility>

#include "core/secrets.h"
#include "core/varint.h"
#include "messenger/peace.h"

// invitation   = version flags created_by created_at [uses_left]      side record, with expires_at
//   flags      = byte: 1 uses_left, 2 needs approval
// join_request = version at
//
// version      = byte, 1
// created_by   = fixed64
// others       = zigzag

namespace msg {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kHasUses = 1;
constexpr std::uint8_t kNeedsApproval = 2;
constexpr std::string_view kPrefix = "mil_";
constexpr std::size_t kKeyBytes = 16;

Time read_time(ByteReader& reader) {
  return Time{std::chrono::milliseconds{reader.zigzag()}};
}

void put_time(std::string& bytes, Time time) {
  put_zigzag(bytes, time.time_since_epoch().count());
}

}  // namespace

InvitationKey make_invitation_key(ConversationId conversation) {
  InvitationKey made{.conversation = conversation, .key = std::string(kKeyBytes, '\0')};
  ::randombytes_buf(made.key.data(), made.key.size());
  return made;
}

std::string token_of(const InvitationKey& key) {
  std::string bytes;
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(key.conversation)));
  return std::string{kPrefix} + encode_base64url(bytes + key.key);
}

std::optional<InvitationKey> read_token(std::string_view token) {
  if (!token.starts_with(kPrefix)) return std::nullopt;
  const auto bytes = decode_base64url(token.substr(kPrefix.size()));
  if (!bytes || bytes->size() != 8 + kKeyBytes) return std::nullopt;
  ByteReader reader(*bytes);
  const ConversationId conversation{static_cast<std::int64_t>(reader.fixed64())};
  return InvitationKey{.conversation = conversation, .key = std::string{reader.raw(kKeyBytes)}};
}

SideRecord record_of(const Invitation& invitation, const InvitationKey& key) {
  std::string value;
  put_byte(value, kVersion);
  put_byte(value, static_cast<std::uint8_t>((invitation.uses_left ? kHasUses : 0) |
                                            (invitation.needs_approval ? kNeedsApproval : 0)));
  put_fixed64(value, static_cast<std::uint64_t>(to_int(invitation.created_by)));
  put_time(value, invitation.created_at);
  if (invitation.uses_left) put_zigzag(value, *invitation.uses_left);
  return {.kind = SideKind::invitation,
          .owner = to_int(invitation.conversation),
          .key = key.key,
          .value = std::move(value),
          .expires_at = invitation.expires_at};
}

Result<Invitation> invitation_of(const SideRecord& record) {
  ByteReader reader(record.value);
  const bool is_known = reader.byte() == kVersion;
  const std::uint8_t flags = reader.byte();
  Invitation invitation;
  invitation.conversation = ConversationId{record.owner};
  invitation.token = token_of({.conversation = invitation.conversation, .key = record.key});
  invitation.created_by = UserId{static_cast<std::int64_t>(reader.fixed64())};
  invitation.created_at = read_time(reader);
  invitation.expires_at = record.expires_at;
  if ((flags & kHasUses) != 0) invitation.uses_left = reader.zigzag();
  invitation.needs_approval = (flags & kNeedsApproval) != 0;
  if (!is_known || flags > (kHasUses | kNeedsApproval) || !reader.done()) {
    return fail(Code::corrupt, "invitation: malformed");
  }
  return invitation;
}

SideRecord record_of(const JoinRequest& request) {
  std::string value;
  put_byte(value, kVersion);
  put_time(value, request.at);
  return {.kind = SideKind::join_request,
          .owner = to_int(request.conversation),
          .key = side_key(request.user),
          .value = std::move(value),
          .expires_at = {}};
}

Result<JoinRequest> join_request_of(const SideRecord& record) {
  ByteReader reader(record.value);
  const bool is_known = reader.byte() == kVersion;
  const JoinRequest request{.conversation = ConversationId{record.owner},
                            .user = user_of_key(record.key),
                            .at = read_time(reader)};
  if (!is_known || !reader.done()) return fail(Code::corrupt, "join request: malformed");
  return request;
}

}  // namespace msg
