// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "power/ledger.h"

namespace msg::power {

/// Opens the store and compares it with what its clients know, then lets them send everything
/// again. Returns what is wrong, a sentence each: an acknowledged message that is missing or has
/// another body or seq, a seq that is missing or there twice, a message nobody sent, a receipt that
/// was taken back, a cursor that skips or is refused, a count that is not what is counted, a key
/// that makes a second message.
std::vector<std::string> check_store(const std::string& url, const Ledger& ledger);

}  // namespace msg::power
