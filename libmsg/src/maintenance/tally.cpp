// SPDX-License-Identifier: Apache-2.0
#include "maintenance/tally.h"

#include <sodium.h>

#include <cstring>

namespace msg {

static_assert(std::tuple_size_v<Tally::Key> == crypto_shorthash_KEYBYTES);

Tally::Key Tally::make_key() {
  Key key{};
  randombytes_buf(key.data(), key.size());
  return key;
}

void Tally::add(std::string_view element) {
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(element.data()),
                   element.size(), key_.data());
  std::uint64_t number = 0;
  static_assert(sizeof number == hash.size());
  std::memcpy(&number, hash.data(), hash.size());
  sum_ += number;
  ++count_;
}

}  // namespace msg
