// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_store.h"

#include <sodium.h>

#include <limits>
#include <string>
#include <utility>

#include "store/kv/kv_codec.h"
#include "store/kv/kv_import.h"
#include "store/kv/kv_keys.h"
#include "store/kv/kv_layout.h"
#include "store/kv/kv_snapshot.h"
#include "store/kv/kv_write.h"

namespace msg::kv {
namespace {

class KvStore final : public Store {
 public:
  KvStore(std::unique_ptr<KvEngine> engine, KvMeta meta)
      : engine_(std::move(engine)), meta_(std::move(meta)) {}

  Result<std::unique_ptr<Snapshot>> snapshot() override {
    MSG_TRY(auto view, engine_->view());
    return std::make_unique<KvSnapshot>(std::move(view), meta_.origin);
  }
  Result<std::unique_ptr<WriteTransaction>> begin() override {
    MSG_TRY(auto batch, engine_->begin());
    return std::make_unique<KvWrite>(std::move(batch), meta_.origin);
  }
  const StoreIdentity& identity() const override { return meta_.identity; }
  Result<void> check() override { return engine_->check(); }
  Result<std::string> import_state() override {
    MSG_TRY(const auto view, engine_->view());
    return load_import_state(*view);
  }
  Result<std::unique_ptr<ImportTransaction>> begin_import() override {
    MSG_TRY(auto batch, engine_->begin());
    return std::make_unique<KvImport>(std::move(batch), meta_);
  }
  Result<std::vector<std::string>> inspect() override { return engine_->inspect(); }

 private:
  std::unique_ptr<KvEngine> engine_;
  KvMeta meta_;
};

Result<StoreIdentity> make_identity() {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium does not start");
  StoreIdentity identity;
  randombytes_buf(&identity.epoch, sizeof identity.epoch);
  identity.epoch &= std::numeric_limits<std::int64_t>::max();
  randombytes_buf(identity.cursor_secret.data(), identity.cursor_secret.size());
  return identity;
}

}  // namespace

Result<std::unique_ptr<Store>> open_kv_store(std::unique_ptr<KvEngine> engine, Purpose purpose) {
  MSG_TRY(auto batch, engine->begin());
  std::string value;
  MSG_TRY(const bool known, batch->get(meta_key("identity"), value));
  if (known) {
    MSG_CHECK(require_known_layout(*batch));
    MSG_TRY(const StoreIdentity identity, decode_identity(value));
    MSG_TRY(const std::string import_state, load_import_state(*batch));
    MSG_CHECK(require_complete(import_state, purpose));
    MSG_TRY(auto origin, load_origin(*batch));
    batch.reset();
    return std::make_unique<KvStore>(std::move(engine), KvMeta{identity, std::move(origin)});
  }
  // Every commit leaves its stamp: where one is, the missing identity is a loss, not a beginning.
  MSG_TRY(const bool used, batch->get(meta_key("last_version"), value));
  if (used) return fail(Code::corrupt, "the store has commits but no identity");
  MSG_TRY(const StoreIdentity identity, make_identity());
  MSG_CHECK(put_identity(*batch, identity));
  MSG_CHECK(batch->commit());
  batch.reset();
  return std::make_unique<KvStore>(std::move(engine), KvMeta{identity, nullptr});
}

}  // namespace msg::kv
