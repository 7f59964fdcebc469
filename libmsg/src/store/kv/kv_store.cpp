// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_store.h"

#include <sodium.h>

#include <limits>
#include <string>
#include <utility>

#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"
#include "store/kv/kv_snapshot.h"
#include "store/kv/kv_write.h"

namespace msg::kv {
namespace {

class KvStore final : public Store {
 public:
  KvStore(std::unique_ptr<KvEngine> engine, const StoreIdentity& identity)
      : engine_(std::move(engine)), identity_(identity) {}

  Result<std::unique_ptr<Snapshot>> snapshot() override {
    MSG_TRY(auto view, engine_->view());
    return std::make_unique<KvSnapshot>(std::move(view));
  }
  Result<std::unique_ptr<WriteTransaction>> begin() override {
    MSG_TRY(auto batch, engine_->begin());
    return std::make_unique<KvWrite>(std::move(batch));
  }
  const StoreIdentity& identity() const override { return identity_; }
  Result<void> check() override { return engine_->check(); }

 private:
  std::unique_ptr<KvEngine> engine_;
  StoreIdentity identity_;
};

Result<StoreIdentity> make_identity() {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium does not start");
  StoreIdentity identity;
  randombytes_buf(&identity.epoch, sizeof identity.epoch);
  identity.epoch &= std::numeric_limits<std::int64_t>::max();
  randombytes_buf(identity.cursor_secret.data(), identity.cursor_secret.size());
  return identity;
}

/// Of what kv_keys.h and kv_codec.h describe. A later layout that this code would misread has a
/// higher number; one that only appends fields to values has the same.
constexpr std::int64_t kLayoutNumber = 1;

Result<void> require_known_layout(KvView& view) {
  std::string value;
  MSG_TRY(const bool found, view.get(meta_key("layout"), value));
  if (!found) return fail(Code::corrupt, "the store does not say which layout it has");
  MSG_TRY(const std::int64_t number, decode_number(value));
  if (number == kLayoutNumber) return {};
  return fail(number > kLayoutNumber ? Code::conflict : Code::corrupt,
              "the layout of the store has number " + std::to_string(number) +
                  ", this library has " + std::to_string(kLayoutNumber) +
                  ": open it with a newer libmsg",
              "url");
}

}  // namespace

Result<std::unique_ptr<Store>> open_kv_store(std::unique_ptr<KvEngine> engine) {
  MSG_TRY(auto batch, engine->begin());
  std::string value;
  MSG_TRY(const bool known, batch->get(meta_key("identity"), value));
  if (known) {
    MSG_CHECK(require_known_layout(*batch));
    MSG_TRY(const StoreIdentity identity, decode_identity(value));
    batch.reset();
    return std::make_unique<KvStore>(std::move(engine), identity);
  }
  // Every commit leaves its stamp: where one is, the missing identity is a loss, not a beginning.
  MSG_TRY(const bool used, batch->get(meta_key("last_version"), value));
  if (used) return fail(Code::corrupt, "the store has commits but no identity");
  MSG_TRY(const StoreIdentity identity, make_identity());
  MSG_CHECK(batch->put(meta_key("layout"), encode_number(kLayoutNumber)));
  MSG_CHECK(batch->put(meta_key("identity"), encode_identity(identity)));
  MSG_CHECK(batch->commit());
  batch.reset();
  return std::make_unique<KvStore>(std::move(engine), identity);
}

}  // namespace msg::kv
