// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "store/postgres/write_buffer.h"
#include "store/store.h"

namespace msg::postgres {

/// Contracts are those of ImportTransaction. Rows wait here, apart by their writers, and leave in
/// one round trip with the commit.
///
/// Lifetime: `connection` must outlive it, and be outside a transaction.
class PostgresImport final : public ImportTransaction {
 public:
  explicit PostgresImport(Connection& connection) : connection_(connection) {}

  Result<void> put(const Record& record) override;
  Result<void> put(const WriterRun& /*run*/) override { return {}; }
  Result<void> commit(std::string_view state) override;
  Result<void> finish(const StoreIdentity& identity, const Horizon& horizon,
                      std::span<const Life> lives) override;

 private:
  void send_rows();
  Result<void> end();

  Connection& connection_;
  std::map<std::size_t, WriteBuffer> buffers_;
};

}  // namespace msg::postgres
