// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_store.h"

#include <sodium.h>

#include "store/postgres/migrate.h"
#include "store/postgres/pool.h"
#include "store/postgres/postgres_snapshot.h"
#include "store/postgres/postgres_write.h"

namespace msg {
namespace postgres {
namespace {

class PostgresStore final : public Store {
 public:
  PostgresStore(Settings settings, const Options& options)
      : connector_(std::move(settings)), readers_(connector_, options.readers), log_(options.log) {}

  Result<void> open(const Options& options) {
    MSG_TRY(const auto connection, connector_.connect());
    MSG_CHECK(migrate(*connection, connector_.settings().partitions, options.migrate));
    MSG_TRY(identity_, load_identity(*connection, options.node));
    MSG_TRY(const auto fsync, connection->execute("SHOW fsync", std::chrono::seconds(10)));
    if (fsync != "on" && log_) log_("PostgreSQL runs with fsync off: a crash may lose messages");
    return {};
  }

  Result<std::unique_ptr<Snapshot>> snapshot() override {
    MSG_TRY(auto lease, readers_.borrow());
    return PostgresSnapshot::take(std::move(lease));
  }

  Result<std::unique_ptr<WriteTransaction>> begin() override {
    if (writer_ && writer_->is_broken()) writer_.reset();
    if (!writer_) {
      MSG_TRY(writer_, connector_.connect());
    }
    return std::make_unique<PostgresTransaction>(*writer_, identity_.writer);
  }

  const StoreIdentity& identity() const override { return identity_; }

  Result<void> check() override {
    MSG_CHECK(snapshot());
    return {};
  }

 private:
  Connector connector_;
  Pool readers_;
  std::unique_ptr<Connection> writer_;
  StoreIdentity identity_;
  std::function<void(std::string_view)> log_;
};

}  // namespace
}  // namespace postgres

Result<std::unique_ptr<Store>> open_postgres_store(std::string_view url, const Options& options) {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium finds no source of randomness.");
  MSG_TRY(auto settings, postgres::parse_url(url));
  auto store = std::make_unique<postgres::PostgresStore>(std::move(settings), options);
  MSG_CHECK(store->open(options));
  return store;
}

}  // namespace msg
