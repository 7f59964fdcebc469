// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"

namespace msg {

Result<std::unique_ptr<Store>> open_store(std::string_view url, const Options& options) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url == "memory:") return open_memory_store(options);
  if (url.starts_with(kSqlite)) return open_sqlite_store(url.substr(kSqlite.size()), options);
  return fail(Code::invalid_argument, "A store is memory: or sqlite:PATH.", "url");
}

}  // namespace msg
