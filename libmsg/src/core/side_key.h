// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace msg {

/// Key of a side record that is an id: eight bytes, in the order of the numbers.
std::string side_key(std::int64_t id);
std::int64_t id_of_side_key(std::string_view key);

}  // namespace msg
