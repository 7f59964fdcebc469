// SPDX-License-Identifier: Apache-2.0
#include "messenger/sessions.h"

#include <algorithm>

#include "core/limits.h"
#include "core/secrets.h"
#include "messenger/impl.h"
#include "msg/sessions.h"

namespace msg {
namespace {

/// The oldest sessions make room for a new one.
Result<void> end_oldest(Batch& batch, const std::vector<Session>& sessions,
                        std::size_t sessions_max) {
  for (std::size_t i = 0; i + sessions_max <= sessions.size(); ++i) {
    MSG_CHECK(batch.rows().erase_session(sessions[i]));
  }
  return {};
}

std::unexpected<Error> no_such_session() {
  return fail(Code::not_found, "There is no such session.", "session_id");
}

/// Nobody waits for it: an expired session is refused whether it is there or not.
void end_expired(Committer& committer, const Session& session) {
  committer.submit<void>(
      [session](Batch& batch) -> Result<void> {
        batch.next_version();
        return batch.rows().erase_session(session);
      },
      [](const Result<void>&) {});
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

std::unexpected<Error> unauthenticated() {
  return fail(Code::unauthenticated, "A valid token is needed.");
}

Result<Session> begin_session(Batch& batch, UserId user, const std::string& device_name,
                              const TokenHash& token, const Options& options) {
  MSG_CHECK(batch.rows().lock_user(user));
  MSG_TRY(const auto found, batch.rows().find_user(user));
  if (!found) return fail(Code::not_found, "There is no such user.", "user_id");
  MSG_TRY(const auto sessions, batch.rows().list_sessions(user));
  Session session{.id = SessionId{batch.next_id()},
                  .user = user,
                  .device_name = device_name,
                  .created_at = time_of(batch.next_version())};
  session.last_seen_at = session.created_at;
  MSG_CHECK(end_oldest(batch, sessions, options.limits.sessions_per_user_max));
  MSG_CHECK(batch.rows().put_session(session, token));
  return session;
}

bool is_expired(const Session& session, Time now, const Options& options) {
  return now - session.last_seen_at >= options.session_idle_max ||
         now - session.created_at >= options.session_age_max;
}

Result<void> use_session(MessengerInside::Impl& messenger, const Principal& principal) {
  if (!principal.session) return {};
  const Session& session = *principal.session;
  const Time now = messenger.options.clock();
  if (is_expired(session, now, messenger.options)) {
    end_expired(messenger.committer, session);
    return unauthenticated();
  }
  if (now - session.last_seen_at >= kLastSeenStep) {
    // Nobody waits for it, and what is lost of it is no loss.
    messenger.committer.submit<void>([session](Batch& batch) { return note_seen(batch, session); },
                                     [](const Result<void>&) {});
  }
  return {};
}

Result<std::vector<SessionId>> end_sessions(Batch& batch, UserId user,
                                            std::optional<SessionId> own) {
  MSG_TRY(const auto sessions, batch.rows().list_sessions(user));
  std::vector<SessionId> ended;
  for (const Session& session : sessions) {
    if (session.id == own) continue;
    batch.next_version();
    MSG_CHECK(batch.rows().erase_session(session));
    ended.push_back(session.id);
  }
  return ended;
}

Result<Session> end_session(Batch& batch, UserId user, SessionId id) {
  MSG_TRY(const auto sessions, batch.rows().list_sessions(user));
  const auto found = std::ranges::find(sessions, id, &Session::id);
  if (found == sessions.end()) return no_such_session();
  batch.next_version();
  MSG_CHECK(batch.rows().erase_session(*found));
  return *found;
}

Result<Session> rename_session(Batch& batch, UserId user, SessionId id,
                               const std::string& device_name) {
  MSG_CHECK(batch.rows().lock_user(user));
  MSG_TRY(const auto sessions, batch.rows().list_sessions(user));
  const auto found = std::ranges::find(sessions, id, &Session::id);
  if (found == sessions.end()) return no_such_session();
  Session session = *found;
  session.device_name = device_name;
  batch.next_version();
  MSG_CHECK(batch.rows().put_device_name(session));
  return session;
}

Result<NewSession> Messenger::create_session(UserId user, std::string device_name) {
  MSG_CHECK(check_label(device_name, "device_name", impl_->options.limits));
  NewSession made{.session = {}, .token = make_token(kSessionPrefix)};
  const TokenHash hash = hash_token(made.token);
  MSG_TRY(made.session, impl_->committer.run<Session>([&](Batch& batch) {
    return begin_session(batch, user, device_name, hash, impl_->options);
  }));
  return made;
}

Result<std::vector<Session>> Messenger::list_sessions(UserId actor) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(auto sessions, snapshot->list_sessions(actor));
  const Time now = impl_->options.clock();
  std::erase_if(sessions, [&](const Session& s) { return is_expired(s, now, impl_->options); });
  return sessions;
}

Result<void> Messenger::revoke_session(UserId actor, SessionId id) {
  return impl_->committer.run<void>([&](Batch& batch) -> Result<void> {
    MSG_CHECK(end_session(batch, actor, id));
    return {};
  });
}

Result<Session> Sessions::rename(UserId actor, SessionId id, std::string device_name) {
  MSG_CHECK(
      check_label(device_name, "device_name", MessengerInside::of(messenger_).options.limits));
  return MessengerInside::of(messenger_).committer.run<Session>([&](Batch& batch) {
    return rename_session(batch, actor, id, device_name);
  });
}

Result<std::vector<SessionId>> Sessions::revoke_others(const Session& own) {
  using Ended = std::vector<SessionId>;
  return MessengerInside::of(messenger_).committer.run<Ended>([&](Batch& batch) -> Result<Ended> {
    MSG_CHECK(batch.rows().lock_user(own.user));
    return end_sessions(batch, own.user, own.id);
  });
}

bool Sessions::is_too_old(const Session& session) const {
  const Options& options = MessengerInside::of(messenger_).options;
  return options.clock() - session.created_at >= options.session_age_max;
}

Result<Principal> Sessions::refresh(const Principal& principal) {
  MessengerInside::Impl& messenger = MessengerInside::of(messenger_);
  MSG_TRY(const auto snapshot, messenger.store->late_snapshot());
  Principal now;
  if (principal.session) {
    MSG_TRY(const auto sessions, snapshot->list_sessions(principal.session->user));
    const auto found = std::ranges::find(sessions, principal.session->id, &Session::id);
    if (found != sessions.end()) now.session = *found;
  } else if (principal.key) {
    MSG_TRY(const auto keys, snapshot->list_api_keys());
    const auto found = std::ranges::find(keys, principal.key->id, &ApiKey::id);
    if (found != keys.end()) now.key = *found;
  }
  if (!now.session && !now.key) return unauthenticated();
  MSG_CHECK(use_session(messenger, now));
  return now;
}

}  // namespace msg
