// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/limits.h"
#include "core/secrets.h"
#include "messenger/api_keys.h"
#include "messenger/impl.h"
#include "messenger/sessions.h"

namespace msg {
Result<void> check_key(const std::string& name, KeyScopes scopes, const Limits& limits) {
  MSG_CHECK(check_label(name, "name", limits));
  if (scopes.empty()) return fail(Code::invalid_argument, "A key has a scope at least.", "scopes");
  return {};
}

Result<ApiKey> insert_key(Batch& batch, const std::string& name, KeyScopes scopes,
                          const TokenHash& secret) {
  ApiKey key{.id = ApiKeyId{batch.next_id()},
             .name = name,
             .created_at = time_of(batch.next_version()),
             .scopes = scopes};
  MSG_CHECK(batch.rows().put_api_key(key, secret));
  return key;
}

Result<ApiKey> erase_key(Batch& batch, ApiKeyId id) {
  MSG_TRY(const auto keys, batch.rows().list_api_keys());
  const auto found = std::ranges::find(keys, id, &ApiKey::id);
  if (found == keys.end()) return fail(Code::not_found, "There is no such key.", "key_id");
  batch.next_version();
  MSG_CHECK(batch.rows().erase_api_key(id));
  return *found;
}

Result<NewApiKey> Messenger::create_api_key(std::string name, KeyScopes scopes) {
  MSG_CHECK(check_key(name, scopes, impl_->options.limits));
  NewApiKey made{.key = {}, .secret = make_token(kKeyPrefix)};
  const TokenHash hash = hash_token(made.secret);
  MSG_TRY(made.key, impl_->committer.run<ApiKey>(
                        [&](Batch& batch) { return insert_key(batch, name, scopes, hash); }));
  return made;
}

Result<std::vector<ApiKey>> Messenger::list_api_keys() {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  return snapshot->list_api_keys();
}

Result<void> Messenger::revoke_api_key(ApiKeyId id) {
  return impl_->committer.run<void>([&](Batch& batch) -> Result<void> {
    MSG_CHECK(erase_key(batch, id));
    return {};
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
  MSG_CHECK(use_session(*impl_, principal));
  return principal;
}

Result<UserId> Messenger::act_as(const Principal& principal, std::optional<UserId> requested) {
  if (principal.session) {
    const UserId own = principal.session->user;
    if (!requested || *requested == own) return own;
    return fail(Code::permission_denied, "A session acts as its own user only.", "user_id");
  }
  if (!principal.key) return unauthenticated();
  if (!principal.key->scopes.has(KeyScope::act_as_user)) {
    return fail(Code::permission_denied, "This needs a key with the scope act_as_user.");
  }
  if (!requested) {
    return fail(Code::invalid_argument, "Name the user to act as.", "user_id");
  }
  MSG_TRY(const User user, load_user(*requested));
  return user.id;
}

}  // namespace msg
