// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "msg/messenger.h"
#include "msg/sign_in.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

/// How somebody else names a user: by what identifies it within an issuer, for good. Both are 1 to
/// kExternalIdBytesMax bytes of UTF-8 without control characters, compared byte by byte.
struct ExternalId {
  std::string issuer{};   ///< "https://app.example"
  std::string subject{};  ///< "user-17"
  bool operator==(const ExternalId&) const = default;
};
inline constexpr std::size_t kExternalIdBytesMax = 255;

/// What an issuer vouches for. The rest is taken when the user is made, and never again; what
/// breaks a rule of names or numbers is left out.
struct ExternalPerson {
  ExternalId id{};
  std::optional<std::string> display_name{};
  /// Proven to the issuer, which is believed. It leads to the user who has the number, unless that
  /// one has a PIN or is another subject of the issuer: then the new user goes without.
  std::optional<std::string> phone{};
};

/// Users that another program knows by names of its own, such as the subjects of its tokens.
///
/// Thread safety: all calls from any thread. The Messenger must outlive it.
class ExternalIds {
 public:
  explicit ExternalIds(Messenger& messenger) : messenger_(messenger) {}

  /// A new session of the user behind the id, who is made when there is none. However many do so at
  /// once, there is one user. The caller knows that it is them. invalid_argument with field
  /// "issuer", "subject" or "device_name".
  Result<SignedIn> sign_in(const ExternalPerson& person, const std::string& device_name);

  /// not_found: nobody signed in by that id.
  Result<User> load_user(const ExternalId& id);
  /// The ids of a user, at most one of each issuer, in the order of hashes.
  Result<std::vector<ExternalId>> list_ids(UserId user);

 private:
  Messenger& messenger_;
};

}  // namespace msg
