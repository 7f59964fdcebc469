// SPDX-License-Identifier: Apache-2.0
#include "store/cached/cached_store.h"

#include <utility>

#include "store/cached/cached_snapshot.h"

namespace msg {
namespace {

class CachedStore final : public Store {
 public:
  CachedStore(std::unique_ptr<Store> store, std::shared_ptr<Cache> cache)
      : shared_(std::move(cache), store->identity()), store_(std::move(store)) {}

  Result<std::unique_ptr<Snapshot>> snapshot() override { return store_->snapshot(); }
  Result<std::unique_ptr<Snapshot>> late_snapshot() override {
    MSG_TRY(auto snapshot, store_->late_snapshot());
    return std::make_unique<CachedSnapshot>(std::move(snapshot), shared_);
  }
  Result<std::unique_ptr<WriteTransaction>> begin() override { return store_->begin(); }
  const StoreIdentity& identity() const override { return store_->identity(); }
  std::optional<int> node() const override { return store_->node(); }
  bool is_shared() const override { return store_->is_shared(); }
  bool loads_ahead() const override { return store_->loads_ahead(); }
  Result<void> check() override { return store_->check(); }
  Result<std::string> import_state() override { return store_->import_state(); }
  Result<std::unique_ptr<ImportTransaction>> begin_import() override {
    return store_->begin_import();
  }
  Result<std::vector<std::string>> inspect() override { return store_->inspect(); }

 private:
  SharedReads shared_;
  const std::unique_ptr<Store> store_;
};

}  // namespace

std::unique_ptr<Store> make_cached_store(std::unique_ptr<Store> store,
                                         std::shared_ptr<Cache> cache) {
  return std::make_unique<CachedStore>(std::move(store), std::move(cache));
}

}  // namespace msg
