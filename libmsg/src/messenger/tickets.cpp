// SPDX-License-Identifier: Apache-2.0
#include "core/secrets.h"
#include "core/varint.h"
#include "messenger/impl.h"
#include "messenger/sessions.h"
#include "msg/sessions.h"

namespace msg {
namespace {

constexpr std::string_view kTicketPrefix = "mst_";

/// prefix base64url(user, 8 bytes; 24 random bytes)
std::string make_ticket(UserId user) {
  std::string bytes;
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(user)));
  return std::string(kTicketPrefix) + encode_base64url(bytes + random_bytes(24));
}

std::optional<std::int64_t> owner_of_ticket(std::string_view ticket) {
  constexpr std::size_t kBytes = 8 + 24;
  if (!ticket.starts_with(kTicketPrefix) || ticket.size() > 64) return std::nullopt;
  const auto bytes = decode_base64url(ticket.substr(kTicketPrefix.size()));
  if (!bytes || bytes->size() != kBytes) return std::nullopt;
  return static_cast<std::int64_t>(ByteReader(*bytes).fixed64());
}

std::string ticket_key(std::string_view ticket) {
  const TokenHash hash = hash_token(ticket);
  return {hash.begin(), hash.end()};
}

}  // namespace

Result<NewTicket> Sessions::create_ticket(const Session& session) {
  NewTicket made{.ticket = make_ticket(session.user), .expires_at = {}};
  const std::string key = ticket_key(made.ticket);
  std::string value;
  put_fixed64(value, static_cast<std::uint64_t>(to_int(session.id)));
  MSG_TRY(made.expires_at,
          MessengerInside::of(messenger_).committer.run<Time>([&](Batch& batch) -> Result<Time> {
            const Time expires_at = batch.now() + kTicketLifetime;
            batch.next_version();
            MSG_CHECK(batch.rows().put_side_record({.kind = SideKind::ticket,
                                                    .owner = to_int(session.user),
                                                    .key = key,
                                                    .value = value,
                                                    .expires_at = expires_at}));
            return expires_at;
          }));
  return made;
}

Result<Principal> Sessions::redeem_ticket(std::string_view ticket) {
  const auto owner = owner_of_ticket(ticket);
  if (!owner) return unauthenticated();
  const std::string key = ticket_key(ticket);
  const auto take = [&](Batch& batch) -> Result<SessionId> {
    MSG_TRY(const auto found, batch.rows().find_side_record(SideKind::ticket, *owner, key));
    if (!found || *found->expires_at <= batch.now()) return unauthenticated();
    ByteReader reader(found->value);
    const SessionId session{static_cast<std::int64_t>(reader.fixed64())};
    batch.next_version();
    MSG_CHECK(batch.rows().erase_side_record(SideKind::ticket, *owner, key));
    return session;
  };
  MSG_TRY(const SessionId session,
          MessengerInside::of(messenger_)
              .committer.run<SessionId>(
                  take, {.touch = Touch{.side = SideOwner{SideKind::ticket, *owner}}}));
  Principal principal;
  principal.session = Session{.id = session, .user = UserId{*owner}};
  return refresh(principal);
}

}  // namespace msg
