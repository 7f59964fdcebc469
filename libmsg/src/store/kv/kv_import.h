// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/kv/kv_write.h"
#include "store/store.h"

namespace msg::kv {

// What a store says of itself, beside its identity: entries of the "z" table.

/// The Horizon of a copy from a store with several writers; null when there is none.
Result<std::shared_ptr<const Horizon>> load_origin(KvView& view);
/// See Store::import_state().
Result<std::string> load_import_state(KvView& view);
/// Puts identity and layout of a store that is of this library alone.
Result<void> put_identity(KvBatch& batch, const StoreIdentity& identity);

/// What a store keeps of its "z" table while it is open.
struct KvMeta {
  StoreIdentity identity;
  std::shared_ptr<const Horizon> origin;
};

/// Contracts are those of ImportTransaction; finish() brings `meta` up to date as well, because a
/// store in memory cannot be closed and opened. Lifetime: engine and meta must outlive it.
class KvImport final : public ImportTransaction {
 public:
  KvImport(std::unique_ptr<KvBatch> batch, KvMeta& meta)
      : batch_(*batch), meta_(meta), write_(std::move(batch), nullptr) {}

  Result<void> put(const Record& record) override;
  Result<void> put(const WriterRun& run) override;
  Result<void> commit(std::string_view state) override;
  Result<void> finish(const StoreIdentity& identity, const Horizon& horizon,
                      std::span<const Life> lives) override;

 private:
  KvBatch& batch_;
  KvMeta& meta_;
  KvWrite write_;
};

}  // namespace msg::kv
