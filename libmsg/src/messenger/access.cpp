// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/limits.h"
#include "core/secrets.h"
#include "messenger/impl.h"

namespace msg {
namespace {

constexpr std::string_view kSessionPrefix = "mss_";
constexpr std::string_view kKeyPrefix = "msk_";

/// One answer for every cause, so that it tells nothing.
std::unexpected<Error> unauthenticated() {
  return fail(Code::unauthenticated, "A valid token is needed.");
}

/// The oldest sessions make room for a new one.
Result<void> end_oldest(Batch& batch, const std::vector<Session>& sessions,
                        std::size_t sessions_max) {
  for (std::size_t i = 0; i + sessions_max <= sessions.size(); ++i) {
    MSG_CHECK(batch.rows().erase_session(sessions[i]));
  }
  return {};
}

Result<Session> begin_session(Batch& batch, UserId user, const std::string& device_name,
                              const TokenHash& token, std::size_t sessions_max) {
  MSG_CHECK(batch.rows().lock_user(user));
  MSG_TRY(const auto found, batch.rows().find_user(user));
  if (!found) return fail(Code::not_found, "There is no such user.", "user_id");
  MSG_TRY(const auto sessions, batch.rows().list_sessions(user));
  Session session{.id = SessionId{batch.next_id()},
                  .user = user,
                  .device_name = device_name,
                  .created_at = time_of(batch.next_version())};
  session.last_seen_at = session.created_at;
  MSG_CHECK(end_oldest(batch, sessions, sessions_max));
  MSG_CHECK(batch.rows().put_session(session, token));
  return session;
}

/// Stores that the session is in use, unless that was done a moment ago.
Result<void> note_seen(Batch& batch, const Session& seen) {
  MSG_TRY(const auto sessions, batch.rows().list_sessions(seen.user));
  const auto found = std::ranges::find(sessions, seen.id, &Session::id);
  if (found == sessions.end() || batch.now() - found->last_seen_at < kLastSeenStep) return {};
  Session session = *found;
  session.last_seen_at = batch.now();
  batch.next_version();
  return batch.rows().put_last_seen(session);
}

}  // namespace

Result<NewSession> Messenger::create_session(UserId user, std::string device_name) {
  const Limits& limits = impl_->options.limits;
  MSG_CHECK(check_label(device_name, "device_name", limits));
  NewSession made{.session = {}, .token = make_token(kSessionPrefix)};
  const TokenHash hash = hash_token(made.token);
  MSG_TRY(made.session, impl_->committer.run<Session>([&](Batch& batch) {
    return begin_session(batch, user, device_name, hash, limits.sessions_per_user_max);
  }));
  return made;
}

Result<std::vector<Session>> Messenger::list_sessions(UserId actor) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  return snapshot->list_sessions(actor);
}

Result<void> Messenger::revoke_session(UserId actor, SessionId id) {
  return impl_->committer.run<void>([&](Batch& batch) -> Result<void> {
    MSG_TRY(const auto sessions, batch.rows().list_sessions(actor));
    for (const auto& session : sessions) {
      if (session.id != id) continue;
      batch.next_version();
      return batch.rows().erase_session(session);
    }
    return fail(Code::not_found, "There is no such session.", "session_id");
  });
}

Result<NewApiKey> Messenger::create_api_key(std::string name) {
  MSG_CHECK(check_label(name, "name", impl_->options.limits));
  NewApiKey made{.key = {}, .secret = make_token(kKeyPrefix)};
  const TokenHash hash = hash_token(made.secret);
  MSG_TRY(made.key, impl_->committer.run<ApiKey>([&](Batch& batch) -> Result<ApiKey> {
    ApiKey key{
        .id = ApiKeyId{batch.next_id()}, .name = name, .created_at = time_of(batch.next_version())};
    MSG_CHECK(batch.rows().put_api_key(key, hash));
    return key;
  }));
  return made;
}

Result<std::vector<ApiKey>> Messenger::list_api_keys() {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  return snapshot->list_api_keys();
}

Result<void> Messenger::revoke_api_key(ApiKeyId id) {
  return impl_->committer.run<void>([&](Batch& batch) -> Result<void> {
    MSG_TRY(const auto keys, batch.rows().list_api_keys());
    for (const auto& key : keys) {
      if (key.id != id) continue;
      batch.next_version();
      return batch.rows().erase_api_key(id);
    }
    return fail(Code::not_found, "There is no such key.", "key_id");
  });
}

Result<Principal> Messenger::authenticate(std::string_view token) {
  constexpr std::size_t kTokenBytes = 4 + 43;
  if (token.size() != kTokenBytes) return unauthenticated();
  const TokenHash hash = hash_token(token);
  Principal principal;
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  if (token.starts_with(kSessionPrefix)) {
    MSG_TRY(principal.session, snapshot->find_session(hash));
  } else if (token.starts_with(kKeyPrefix)) {
    MSG_TRY(principal.key, snapshot->find_api_key(hash));
  }
  if (!principal.session && !principal.key) return unauthenticated();
  if (principal.session &&
      impl_->options.clock() - principal.session->last_seen_at >= kLastSeenStep) {
    // Nobody waits for it, and what is lost of it is no loss.
    impl_->committer.submit<void>(
        [session = *principal.session](Batch& batch) { return note_seen(batch, session); },
        [](const Result<void>&) {});
  }
  return principal;
}

Result<UserId> Messenger::act_as(const Principal& principal, std::optional<UserId> requested) {
  if (principal.session) {
    const UserId own = principal.session->user;
    if (!requested || *requested == own) return own;
    return fail(Code::permission_denied, "A session acts as its own user only.", "user_id");
  }
  if (!principal.key) return unauthenticated();
  if (!requested) {
    return fail(Code::invalid_argument, "Name the user to act as.", "user_id");
  }
  MSG_TRY(const User user, load_user(*requested));
  return user.id;
}

}  // namespace msg
