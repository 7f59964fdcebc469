// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/audit.h"
#include "msg/requests.h"
#include "msg/types.h"
#include "msgctl/api.h"

namespace msgctl {

/// What an operator does with users, tokens and keys, over HTTP or straight on a store.
///
/// All calls fail with the code and sentence of the server or the library.
/// Thread safety: none.
class Admin {
 public:
  virtual ~Admin() = default;

  virtual Outcome<msg::User> add_user(const msg::NewUser& user) = 0;
  virtual Outcome<msg::Page<msg::User>> list_users(const msg::PageRequest& request) = 0;
  /// `who`: id, phone number or username.
  virtual Outcome<msg::User> find_user(std::string_view who) = 0;

  virtual Outcome<msg::NewSession> create_session(msg::UserId user, const std::string& device) = 0;
  virtual Outcome<std::vector<msg::Session>> list_sessions(msg::UserId user) = 0;
  virtual Outcome<void> revoke_session(msg::UserId user, msg::SessionId session) = 0;

  virtual Outcome<msg::NewApiKey> create_key(const std::string& name,
                                             std::optional<msg::KeyScopes> scopes) = 0;
  virtual Outcome<std::vector<msg::ApiKey>> list_keys() = 0;
  virtual Outcome<void> revoke_key(msg::ApiKeyId key) = 0;

  /// The newest first.
  virtual Outcome<msg::Page<msg::AuditEntry>> list_audit(const msg::PageRequest& request) = 0;
};

/// Over HTTP, with the key (or token) of `api`.
std::unique_ptr<Admin> make_http_admin(Api api);

/// Opens the store at `url`, which no server may have open; makes it when it does not exist.
Outcome<std::unique_ptr<Admin>> open_store_admin(const std::string& url);

}  // namespace msgctl
