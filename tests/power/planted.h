// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "power/stores.h"
#include "store/store.h"

namespace msg::power {

/// The store with a mistake of those that concern rows. (A sync that does not happen is the disk's
/// to forget: Disk::forget_syncs_of.)
std::unique_ptr<Store> with_mistake(Planted mistake, std::unique_ptr<Store> store);

}  // namespace msg::power
