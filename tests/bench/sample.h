// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace msg::bench {

inline constexpr int kTextBytes = 200;

/// The text of the message of that number: pseudo-words that come as often as words do, so that it
/// compresses like what people write. There are 8,192 of them, made before the clock starts.
const std::string& sample_text(std::int64_t number);

}  // namespace msg::bench
