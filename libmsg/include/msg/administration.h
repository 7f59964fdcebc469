// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "msg/audit.h"
#include "msg/messenger.h"
#include "msg/notifications.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

/// Who administers.
struct Administrator {
  std::optional<ApiKey> key{};  ///< None: the operator, who has the store itself.
  std::string address{};        ///< Where they are: "192.0.2.7". Empty: at the store.
};

/// What an operator, or a key, does for others. Each act is noted in the audit trail by the commit
/// that it is: there is none without the other. permission_denied: the key lacks KeyScope::admin;
/// for what a user may do as well KeyScope::act_as_user is enough. Else as the Messenger's calls of
/// these names.
///
/// Thread safety: all calls from any thread. The Messenger must outlive it.
class Administration {
 public:
  Administration(Messenger& messenger, Administrator by)
      : messenger_(messenger), by_(std::move(by)) {}

  /// A key with these scopes, or with all that its maker has. invalid_argument with field "scopes":
  /// none. permission_denied with field "scopes": more than its maker has.
  Result<NewApiKey> create_key(std::string name, std::optional<KeyScopes> scopes);
  Result<void> revoke_key(ApiKeyId key);

  Result<User> register_user(const NewUser& user);
  Result<User> update_user(UserId user, const UserPatch& patch);  ///< act_as_user is enough

  Result<NewSession> create_session(UserId user, std::string device_name);
  Result<Session> rename_session(UserId user, SessionId session,
                                 std::string device_name);      ///< act_as_user is enough
  Result<void> revoke_session(UserId user, SessionId session);  ///< act_as_user is enough

  /// Tells all of these users something, or none of them; see Notifications. not_found: one does
  /// not exist. invalid_argument: none or too many, an empty or too long text, a lifetime that is
  /// not from a second to a year.
  Result<void> alert(std::span<const UserId> users, const std::string& text,
                     std::chrono::seconds lifetime = Notifications::kAlertLifetime);

  /// What was done, the newest first, without what is older than Options::audit_age_max.
  Result<Page<AuditEntry>> list_audit(const PageRequest& request);

 private:
  Result<void> require(KeyScopes enough) const;
  template <class T, class Work, class Describe>
  Result<T> commit(Work work, Describe describe);

  Messenger& messenger_;
  const Administrator by_;
};

}  // namespace msg
