// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace msg {

/// Makes of a question the key of its answer in a cache, and of the answer what only who has the
/// store's secret reads, or could have made for that question.
///
/// key    = base64url of BLAKE2b-192 of the question
/// sealed = format:1 nonce:24 XChaCha20-Poly1305 of the answer, which also vouches for the key
///
/// The keys of both functions are made from the store's secret and epoch.
///
/// Thread safety: const calls from any thread.
class Sealer {
 public:
  explicit Sealer(const StoreIdentity& identity);

  std::string key_of(std::string_view question) const;
  std::string seal(std::string_view key, std::string_view answer) const;
  /// Nothing: it was not sealed here for this key, or is not whole.
  std::optional<std::string> open(std::string_view key, std::string_view sealed) const;

 private:
  std::array<unsigned char, 32> name_key_{};
  std::array<unsigned char, 32> seal_key_{};
};

}  // namespace msg
