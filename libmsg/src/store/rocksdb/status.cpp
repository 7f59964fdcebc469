// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/status.h"

namespace msg::rocks {

Error error_of(const rocksdb::Status& status, const std::string& where) {
  const Code code = status.IsCorruption() ? Code::corrupt : Code::unavailable;
  const std::string hint = status.IsNoSpace() ? "no space left: " : "";
  return {.code = code, .detail = where + ": " + hint + status.ToString(), .field = {}};
}

}  // namespace msg::rocks
