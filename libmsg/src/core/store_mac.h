// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "store/store.h"

namespace msg {

using StoreMac = std::array<unsigned char, 16>;

/// BLAKE2b-128 (RFC 7693), keyed with the store's secret, of its epoch and the bytes: whoever has
/// not seen the store can't make it. The bytes begin with what they are, so that a mac of one kind
/// of thing is none of another.
StoreMac store_mac(const StoreIdentity& identity, std::string_view bytes);

/// In constant time. `mac` may be a prefix, of 12 bytes at least.
bool is_store_mac(std::string_view mac, const StoreIdentity& identity, std::string_view bytes);

}  // namespace msg
