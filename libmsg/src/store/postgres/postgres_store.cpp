// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_store.h"

#include <sodium.h>

#include <algorithm>

#include "store/postgres/migrate.h"
#include "store/postgres/node_lease.h"
#include "store/postgres/pool.h"
#include "store/postgres/postgres_import.h"
#include "store/postgres/postgres_snapshot.h"
#include "store/postgres/postgres_write.h"
#include "store/postgres/spread.h"

namespace msg {
namespace postgres {
namespace {

constexpr std::chrono::milliseconds kPatience = std::chrono::minutes(2);

/// For the life of the session.
Result<void> lock_import(Connection& connection) {
  MSG_TRY(const auto locked, connection.execute("SELECT pg_try_advisory_lock(7811887035 + "
                                                "hashtext(current_schema()))",
                                                std::chrono::seconds(10)));
  if (locked == "t") return {};
  return fail(Code::conflict, "another copy into this store is under way", "url");
}

class PostgresStore final : public Store {
 public:
  PostgresStore(Settings settings, const Options& options)
      : connector_(std::move(settings)),
        readers_(connector_, options.readers),
        tells_lives_(options.cache != nullptr),
        log_(options.log) {}

  Result<void> open(const Options& options, Purpose purpose) {
    MSG_TRY(const auto connection, connector_.connect());
    if (purpose == Purpose::inspect) {
      MSG_TRY(const bool exists, has_schema(*connection));
      if (!exists) return no_store_there("this PostgreSQL URL");
    }
    MSG_CHECK(migrate(*connection, connector_.settings().partitions, options.migrate));
    MSG_TRY(const auto importing,
            connection->execute("SELECT 1 FROM import_state", std::chrono::seconds(10)));
    MSG_CHECK(require_complete(importing, purpose));
    const auto made = purpose == Purpose::inspect ? Missing::is_an_error : Missing::is_made;
    if (purpose == Purpose::use && options.node == kNodeFromStore) {
      MSG_TRY(lease_, NodeLease::take(connector_, options.log, {}));
    }
    const int number = node().value_or(std::max(options.node, 0));
    MSG_TRY(identity_, load_identity(*connection, number, made));
    MSG_TRY(is_spread_, is_spread(*connection));
    MSG_TRY(const auto fsync, connection->execute("SHOW fsync", std::chrono::seconds(10)));
    if (fsync != "on" && log_) log_("PostgreSQL runs with fsync off: a crash may lose messages");
    return {};
  }

  Result<std::unique_ptr<Snapshot>> snapshot() override {
    MSG_TRY(auto lease, readers_.borrow());
    return PostgresSnapshot::take(std::move(lease), view());
  }

  Result<std::unique_ptr<Snapshot>> late_snapshot() override {
    MSG_TRY(auto lease, readers_.borrow());
    return PostgresSnapshot::open(std::move(lease), view());
  }

  Result<std::unique_ptr<WriteTransaction>> begin() override {
    if (lease_ && !lease_->is_held()) return unavailable(kLeaseIsOver);
    if (writer_ && writer_->is_broken()) writer_.reset();
    if (!writer_) {
      MSG_TRY(writer_, connector_.connect());
    }
    return std::make_unique<PostgresTransaction>(*writer_, identity_.writer, log_of_lists_,
                                                 lease_.get(), is_spread_);
  }

  const StoreIdentity& identity() const override { return identity_; }
  std::optional<int> node() const override {
    return lease_ ? std::optional(lease_->tag().node) : std::nullopt;
  }
  bool is_shared() const override { return true; }
  bool loads_ahead() const override { return true; }

  Result<void> check() override {
    if (lease_ && !lease_->is_held()) return unavailable(kLeaseIsOver);
    MSG_CHECK(snapshot());
    return {};
  }

  Result<std::string> import_state() override {
    MSG_TRY(auto lease, readers_.borrow());
    return PostgresSnapshot::open(std::move(lease), view())->import_state();
  }

  Result<std::unique_ptr<ImportTransaction>> begin_import() override {
    if (!writer_) {
      MSG_TRY(writer_, connector_.connect());
      MSG_CHECK(lock_import(*writer_));
    }
    if (writer_->is_broken()) return unavailable("the connection to PostgreSQL was lost");
    return std::make_unique<PostgresImport>(*writer_);
  }

 private:
  PostgresSnapshot::View view() const {
    return {.tells_lives = tells_lives_, .is_spread = is_spread_};
  }

  Connector connector_;
  Pool readers_;
  const bool tells_lives_;
  std::unique_ptr<NodeLease> lease_;
  std::unique_ptr<Connection> writer_;
  ListLog log_of_lists_;
  StoreIdentity identity_;
  bool is_spread_{false};
  std::function<void(std::string_view)> log_;
};

}  // namespace
}  // namespace postgres

Result<std::unique_ptr<Store>> open_postgres_store(std::string_view url, const Options& options,
                                                   Purpose purpose) {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium finds no source of randomness.");
  MSG_TRY(auto settings, postgres::parse_url(url));
  // A whole store is copied or checked by one reader; nobody waits for it, and it may have to wait
  // for the other side.
  if (purpose != Purpose::use) settings.timeout = std::max(settings.timeout, postgres::kPatience);
  auto store = std::make_unique<postgres::PostgresStore>(std::move(settings), options);
  MSG_CHECK(store->open(options, purpose));
  return store;
}

}  // namespace msg
