// SPDX-License-Identifier: Apache-2.0
#include "store/cached/cached_store.h"
#include "store/memory/memory_store.h"
#include "store/postgres/postgres_store.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"

namespace msg {

Result<std::unique_ptr<Store>> open_store(std::string_view url, const Options& options,
                                          Purpose purpose) {
  constexpr std::string_view kSqlite = "sqlite:";
  constexpr std::string_view kRocksdb = "rocksdb:";
  if (url == "memory:") return open_memory_store(options);
  if (url.starts_with(kSqlite))
    return open_sqlite_store(url.substr(kSqlite.size()), options, purpose);
  if (url.starts_with(kRocksdb))
    return open_rocksdb_store(url.substr(kRocksdb.size()), options, purpose);
  if (is_postgres_url(url)) {
    MSG_TRY(auto store, open_postgres_store(url, options, purpose));
    if (!options.cache || purpose != Purpose::use) return store;
    return make_cached_store(std::move(store), options.cache);
  }
  return fail(Code::invalid_argument,
              "A store is memory:, sqlite:PATH, rocksdb:PATH or postgresql://….", "url");
}

}  // namespace msg
