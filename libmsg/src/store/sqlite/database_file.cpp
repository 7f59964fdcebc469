// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/database_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "store/sqlite/connection.h"
#include "store/sqlite/descriptor.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/schema.h"

namespace msg::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kApplicationIdOffset = 68;  // big endian; sqlite.org/fileformat2.html 1.3
constexpr std::size_t kHeaderBytes = 100;

/// Without a journal or an fsync on the way: a draft that is cut short is thrown away.
Result<void> fill(const std::string& path) {
  MSG_TRY(auto connection, Connection::open(path, Connection::Role::writer));
  MSG_CHECK(connection->execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF"));
  MSG_CHECK(connection->execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
  MSG_CHECK(migrate(*connection, migrations(), true));

  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium has no random numbers");
  std::int64_t epoch = 0;
  std::array<unsigned char, 32> secret{};
  randombytes_buf(&epoch, sizeof epoch);
  randombytes_buf(secret.data(), secret.size());
  {
    MSG_CHECK(connection->begin(Sql::begin_write));
    MSG_TRY(Query query, connection->use(Sql::create_meta));
    MSG_CHECK(query.bind(epoch & INT64_MAX, Blob(secret)).run());
  }
  MSG_CHECK(connection->commit());
  MSG_CHECK(connection->execute("PRAGMA journal_mode = WAL"));
  connection->checkpoint_on_close(true);  // One file to rename, no log beside it.
  return {};
}

}  // namespace

Result<std::string> resolve_path(std::string_view path) {
  if (path.empty()) return fail(Code::invalid_argument, "the path is empty", "url");
  if (path.contains('\0')) return fail(Code::invalid_argument, "the path holds a zero", "url");
  if (path == ":memory:") {
    return fail(Code::invalid_argument, "for a store in memory the URL is memory:", "url");
  }
  std::error_code error;
  const fs::path full = fs::weakly_canonical(fs::absolute(fs::path(path), error), error);
  if (error) return fail(Code::invalid_argument, std::string(path) + ": " + error.message(), "url");
  const fs::file_status status = fs::status(full, error);
  if (fs::is_directory(status) || !full.has_filename()) {
    return fail(Code::invalid_argument, full.string() + " is a directory", "url");
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return fail(Code::invalid_argument, full.string() + " is not a regular file", "url");
  }
  if (!fs::is_directory(full.parent_path(), error)) {
    return fail(Code::not_found, "there is no directory " + full.parent_path().string(), "url");
  }
  return full.string();
}

Result<bool> has_database(const std::string& path) {
  const Descriptor file(path, O_RDONLY | O_CLOEXEC);
  if (file.value() < 0) {
    if (errno == ENOENT) return false;
    return system_error(path);
  }
  std::array<char, kHeaderBytes> header{};
  const auto size = ::pread(file.value(), header.data(), header.size(), 0);
  if (size < 0) return system_error(path);
  if (size == 0) return false;
  const std::string_view bytes(header.data(), static_cast<std::size_t>(size));
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    return fail(Code::corrupt, path + " is not an SQLite database", "url");
  }
  std::uint32_t id = 0;
  for (const char byte : bytes.substr(kApplicationIdOffset, 4)) {
    id = id << 8 | static_cast<unsigned char>(byte);
  }
  if (id != static_cast<std::uint32_t>(kApplicationId)) {
    return fail(Code::conflict, path + " is the SQLite database of another program", "url");
  }
  return true;
}

Result<void> create_database(const std::string& path) {
  std::error_code error;
  for (const char* suffix : {"-wal", "-journal"}) {
    if (fs::exists(path + suffix, error) && fs::file_size(path + suffix, error) > 0) {
      return fail(Code::conflict,
                  path + suffix + " exists without its database: restore that or move it away",
                  "url");
    }
  }
  // What an earlier attempt left. Nobody else is here: the caller holds the lock.
  const std::string draft = path + ".new";
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(draft + suffix, error);
  {
    const Descriptor file(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW);
    if (file.value() < 0) return system_error(draft);
  }
  MSG_CHECK(fill(draft));
  MSG_CHECK(sync(draft));
  if (std::rename(draft.c_str(), path.c_str()) != 0) return system_error(path);
  return sync(fs::path(path).parent_path().string());
}

}  // namespace msg::sqlite
