// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_store.h"

#include <algorithm>
#include <string>

#include "store/sqlite/connection.h"
#include "store/sqlite/database_file.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/settle.h"
#include "store/sqlite/sqlite_snapshot.h"
#include "store/sqlite/sqlite_write.h"
#include "store/sqlite/wal_checkpoint.h"

namespace msg {
namespace sqlite {
namespace {

class SqliteStore final : public Store {
 public:
  struct Parts {
    FileLock lock;
    std::unique_ptr<Connection> writer;
    std::unique_ptr<ReaderPool> readers;
    StoreIdentity identity;
  };

  SqliteStore(Parts parts, const Options& options, int checkpoint_pages)
      : parts_(std::move(parts)),
        checkpoint_(*parts_.writer, options.log,
                    checkpoint_pages > 0 ? checkpoint_pages : kCheckpointPages) {}

  ~SqliteStore() override {
    parts_.readers.reset();
    // The last to close copies the log into the file and removes it. After a failed fsync the log
    // is the only thing to trust, and stays.
    if (!parts_.writer->medium_failed()) parts_.writer->checkpoint_on_close(true);
  }

  Result<std::unique_ptr<Snapshot>> snapshot() override {
    MSG_TRY(auto lease, parts_.readers->borrow());
    return SqliteSnapshot::take(std::move(lease));
  }

  Result<std::unique_ptr<WriteTransaction>> begin() override {
    MSG_CHECK(check_medium());
    return SqliteTransaction::begin(*parts_.writer, checkpoint_);
  }

  const StoreIdentity& identity() const override { return parts_.identity; }

  Result<void> check() override {
    MSG_CHECK(check_medium());
    MSG_CHECK(snapshot());
    return {};
  }

 private:
  Result<void> check_medium() const {
    if (!parts_.writer->medium_failed()) return {};
    return fail(Code::unavailable, "a write to the disk has failed; close the store and reopen it");
  }

  Parts parts_;
  WalCheckpoint checkpoint_;
};

Result<StoreIdentity> load_identity(Connection& connection) {
  MSG_CHECK(connection.begin(Sql::begin_read));
  StoreIdentity identity;
  auto load = [&]() -> Result<void> {
    MSG_TRY(Query query, connection.use(Sql::identity));
    MSG_TRY(const bool found, query.step());
    if (!found || query.blob(1).size() != identity.cursor_secret.size()) {
      return fail(Code::corrupt, "the store has lost its identity");
    }
    identity.epoch = query.integer(0);
    std::ranges::copy(query.blob(1), identity.cursor_secret.begin());
    return {};
  };
  auto loaded = load();
  connection.rollback();
  MSG_CHECK(loaded);
  return identity;
}

/// After a look whether it is one that this library opens: what is refused is not written to.
Result<void> settle_ours(const std::string& path, const Options& options) {
  MSG_TRY(const auto guard, Connection::open(path, Connection::Role::writer));
  MSG_CHECK(check_schema(*guard, migrations(), options.migrate));
  return settle(path, *guard);
}

/// The mode stands in the file since it was made, unless a person has changed it.
Result<void> require_wal(Connection& connection) {
  MSG_TRY(const std::string mode, connection.text_of("PRAGMA journal_mode = WAL"));
  if (mode == "wal") return {};
  return fail(Code::unavailable, "the file system does not allow write-ahead logging", "url");
}

Result<std::unique_ptr<Store>> open_at(std::string_view given_path, const Options& options,
                                       int checkpoint_pages) {
  MSG_TRY(const std::string path, resolve_path(given_path));
  MSG_TRY(FileLock lock, FileLock::acquire(path + ".lock", path));
  MSG_TRY(const bool exists, has_database(path));
  MSG_CHECK(exists ? settle_ours(path, options) : create_database(path));

  MSG_TRY(auto writer, Connection::open(path, Connection::Role::writer));
  MSG_CHECK(migrate(*writer, migrations(), options.migrate));
  MSG_CHECK(require_wal(*writer));
  MSG_TRY(const StoreIdentity identity, load_identity(*writer));
  MSG_TRY(auto readers, ReaderPool::open(path, options.readers));
  return std::make_unique<SqliteStore>(SqliteStore::Parts{.lock = std::move(lock),
                                                          .writer = std::move(writer),
                                                          .readers = std::move(readers),
                                                          .identity = identity},
                                       options, checkpoint_pages);
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite_store(std::string_view path, const Options& options,
                                                 int checkpoint_pages) {
  return sqlite::open_at(path, options, checkpoint_pages);
}

}  // namespace msg
