// SPDX-License-Identifier: Apache-2.0
#include "core/store_mac.h"

#include <sodium.h>

#include <cstdint>

namespace msg {
namespace {

constexpr std::size_t kShortest = 12;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

StoreMac store_mac(const StoreIdentity& identity, std::string_view bytes) {
  std::array<unsigned char, 8> epoch{};  // big-endian
  for (std::size_t i = 0; i < epoch.size(); ++i) {
    epoch.at(i) =
        static_cast<unsigned char>(static_cast<std::uint64_t>(identity.epoch) >> (56 - 8 * i));
  }
  crypto_generichash_state state;
  StoreMac mac{};
  crypto_generichash_init(&state, identity.cursor_secret.data(), identity.cursor_secret.size(),
                          mac.size());
  crypto_generichash_update(&state, epoch.data(), epoch.size());
  crypto_generichash_update(&state, raw(bytes), bytes.size());
  crypto_generichash_final(&state, mac.data(), mac.size());
  return mac;
}

bool is_store_mac(std::string_view mac, const StoreIdentity& identity, std::string_view bytes) {
  const StoreMac own = store_mac(identity, bytes);
  return mac.size() >= kShortest && mac.size() <= own.size() &&
         sodium_memcmp(own.data(), mac.data(), mac.size()) == 0;
}

}  // namespace msg
