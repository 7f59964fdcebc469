// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "store/sqlite/sqlite_write.h"
#include "store/store.h"

namespace msg::sqlite {

/// Contracts are those of ImportTransaction. Lifetime: connection and checkpoint must outlive it.
class SqliteImport final : public ImportTransaction {
 public:
  static Result<std::unique_ptr<SqliteImport>> begin(Connection& writer, WalCheckpoint& checkpoint);

  Result<void> put(const Record& record) override;
  Result<void> put(const WriterRun& run) override;
  Result<void> commit(std::string_view state) override;
  Result<void> finish(const StoreIdentity& identity, const Horizon& horizon,
                      std::span<const Life> lives) override;

 private:
  SqliteImport(Connection& writer, std::unique_ptr<SqliteTransaction> transaction)
      : writer_(writer), transaction_(std::move(transaction)) {}

  Connection& writer_;
  std::unique_ptr<SqliteTransaction> transaction_;
};

}  // namespace msg::sqlite
