// SPDX-License-Identifier: Apache-2.0
#include "auth/base64url.h"

#include <sodium.h>

#include <algorithm>

namespace msgd {

std::optional<std::string> decode_base64url(std::string_view text) {
  // libsodium 1.0.18 takes any byte above ASCII for some character of the alphabet.
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 127; })) {
    return std::nullopt;
  }
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int status = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       text.data(), text.size(), nullptr, &size, &end,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (status != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

}  // namespace msgd
