// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sign_in/phone_state.h"
#include "store/store.h"

namespace msg {

/// Where a request for a code is kept, and which it is.
///
///     request_id = base64url(owner, 8 bytes, lowest first; number, 16 random bytes)
struct RequestId {
  std::int64_t owner{};
  RequestNumber number{};
};
std::string to_text(const RequestId& id);
std::optional<RequestId> parse_request_id(std::string_view text);
RequestNumber make_request_number();

/// Six digits, each as likely as the other.
std::string make_code();

/// Hashes that only this store can make: what it keeps of codes tells nobody else anything.
///
/// Thread safety: pure, but for making it.
class CodeKeys {
 public:
  explicit CodeKeys(const StoreIdentity& identity);

  /// Under which the records of a number stand.
  std::int64_t owner_of(std::string_view phone) const;
  /// Of a code that was sent for this request, to show from the device with this nonce.
  CodeHash hash_of(const RequestNumber& request, std::string_view nonce,
                   std::string_view code) const;

 private:
  CodeHash keyed(std::string_view text) const;
  std::array<unsigned char, 32> key_{};
};

}  // namespace msg
