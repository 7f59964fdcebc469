// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/status.h>

#include <string>

#include "msg/status.h"

namespace msg::rocks {

/// What RocksDB reports, in our words: corrupt for damage, unavailable for everything else.
/// `where` leads the sentence.
[[nodiscard]] Error error_of(const rocksdb::Status& status, const std::string& where);

}  // namespace msg::rocks
