// SPDX-License-Identifier: Apache-2.0
#include "places.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>

#include "raw_memory.h"
#include "raw_postgres.h"
#include "raw_rocksdb.h"
#include "raw_sqlite.h"
#include "support/postgres_server.h"

namespace msg::bench {
namespace {

namespace fs = std::filesystem;

std::int64_t blocks_of(const fs::path& file) {
  struct stat status{};
  return stat(file.c_str(), &status) == 0 ? std::int64_t{status.st_blocks} * 512 : 0;
}

/// The schema in a URL of PostgresServer::make_place().
std::string schema_of(const std::string& url) {
  return url.substr(url.rfind("%3D") + 3);
}

/// Of all Places: those on one server have different names.
int next_number() {
  static int count = 0;
  return ++count;
}

}  // namespace

Places::Places() {
  std::string name = (fs::temp_directory_path() / "msg-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    std::perror("mkdtemp");
    std::exit(1);
  }
  directory_ = name;
}

Places::~Places() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

bool Places::can_use(const std::string& store) {
  if (store == "memory" || store == "sqlite" || store == "rocksdb") return true;
  if (store == "postgres" && test::PostgresServer::is_installed()) return true;
  std::fprintf(stderr, "%s: %s\n", store.c_str(),
               store == "postgres" ? "PostgreSQL is not installed" : "no such store");
  return false;
}

std::string Places::make_url(const std::string& store) {
  const std::string name = "place" + std::to_string(next_number());
  if (store == "memory") return "memory:";
  if (store == "postgres") return test::PostgresServer::shared().make_place(name);
  return store + ":" + (directory_ / name).string();
}

std::int64_t Places::bytes_on_disk(const std::string& url) const {
  if (url.starts_with("postgresql:")) {
    return std::stoll(
        "0" + test::PostgresServer::shared().query(
                  "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n "
                  "ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = '" +
                  schema_of(url) + "'"));
  }
  const fs::path path = url.substr(url.find(':') + 1);
  std::int64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
    // A file of SQLite has others beside it, a directory of RocksDB has others in it.
    if (entry.path().string().starts_with(path.string())) bytes += blocks_of(entry.path());
  }
  return bytes;
}

void Places::erase(const std::string& url) {
  if (url.starts_with("postgresql:")) {
    test::PostgresServer::shared().query("DROP SCHEMA \"" + schema_of(url) + "\" CASCADE");
    return;
  }
  const fs::path path = url.substr(url.find(':') + 1);
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path.string() + suffix, ignored);
  }
}

void Places::analyze(const std::string& store) {
  if (store == "postgres") test::PostgresServer::shared().query("ANALYZE");
}

std::unique_ptr<RawEngine> Places::make_raw(const std::string& store, int rooms) {
  if (store == "memory") return std::make_unique<RawMemory>(rooms);
  if (store == "postgres") {
    return std::make_unique<RawPostgres>(test::PostgresServer::shared().url(), rooms);
  }
  const fs::path path = directory_ / ("raw" + std::to_string(next_number()));
  if (store == "sqlite") return std::make_unique<RawSqlite>(path.string(), rooms);
  return std::make_unique<RawRocksdb>(path.string(), rooms);
}

}  // namespace msg::bench
