// SPDX-License-Identifier: Apache-2.0
#include "power/planted.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>

#include "support/forwarding.h"

namespace msg::power {
namespace {

/// Keys where a cache has them and nowhere else.
struct KeyCache {
  std::map<std::tuple<ConversationId, UserId, std::string>, IdempotencyRow> rows;
};

class KeysInMemory final : public test::ForwardingTransaction {
 public:
  KeysInMemory(std::unique_ptr<WriteTransaction> target, KeyCache& cache)
      : test::ForwardingTransaction(std::move(target)), cache_(cache) {}

  Result<std::optional<IdempotencyRow>> find_idempotency(ConversationId conversation, UserId sender,
                                                         std::string_view client_id) override {
    const auto found = cache_.rows.find({conversation, sender, std::string(client_id)});
    if (found == cache_.rows.end()) return std::nullopt;
    return found->second;
  }
  Result<std::optional<IdempotencyRow>> append_message(const Message& message,
                                                       const IdempotencyRow& idempotency) override {
    const auto [row, is_new] = cache_.rows.try_emplace(
        {message.id.conversation, message.sender, message.client_id}, idempotency);
    if (!is_new) return row->second;
    Message without_key = message;
    without_key.client_id.clear();
    return test::ForwardingTransaction::append_message(without_key, idempotency);
  }

 private:
  KeyCache& cache_;
};

/// The versions that were given out, whether or not their commits are there already.
using Sequence = std::atomic<std::int64_t>;

class SequenceSnapshot final : public ForwardingReads<Snapshot> {
 public:
  SequenceSnapshot(std::unique_ptr<Snapshot> target, Version newest)
      : ForwardingReads(std::move(target)), newest_(newest) {}

  Result<Version> last_version() override {
    MSG_TRY(const Version committed, target().last_version());
    return std::max(committed, newest_);
  }

 private:
  Version newest_;
};

class NumberedTransaction final : public test::ForwardingTransaction {
 public:
  NumberedTransaction(std::unique_ptr<WriteTransaction> target, Sequence& sequence)
      : test::ForwardingTransaction(std::move(target)), sequence_(sequence) {}

  Result<void> commit(Version last) override {
    sequence_ = to_int(last);
    return test::ForwardingTransaction::commit(last);
  }

 private:
  Sequence& sequence_;
};

class PlantedStore final : public Store {
 public:
  PlantedStore(Planted mistake, std::unique_ptr<Store> target)
      : mistake_(mistake), target_(std::move(target)) {}

  Result<std::unique_ptr<Snapshot>> snapshot() override {
    if (mistake_ != Planted::cursor_from_sequence) return target_->snapshot();
    MSG_TRY(auto snapshot, target_->snapshot());
    return std::make_unique<SequenceSnapshot>(std::move(snapshot), Version{sequence_.load()});
  }
  Result<std::unique_ptr<WriteTransaction>> begin() override {
    MSG_TRY(auto transaction, target_->begin());
    if (mistake_ == Planted::keys_in_memory) {
      return std::make_unique<KeysInMemory>(std::move(transaction), keys_);
    }
    return std::make_unique<NumberedTransaction>(std::move(transaction), sequence_);
  }
  const StoreIdentity& identity() const override { return target_->identity(); }
  Result<void> check() override { return target_->check(); }
  Result<std::string> import_state() override { return target_->import_state(); }
  Result<std::unique_ptr<ImportTransaction>> begin_import() override {
    return target_->begin_import();
  }

 private:
  Planted mistake_;
  KeyCache keys_;
  Sequence sequence_{0};
  std::unique_ptr<Store> target_;  // its transactions end first
};

}  // namespace

std::unique_ptr<Store> with_mistake(Planted mistake, std::unique_ptr<Store> store) {
  if (mistake == Planted::nothing || mistake == Planted::commit_before_sync) return store;
  return std::make_unique<PlantedStore>(mistake, std::move(store));
}

}  // namespace msg::power
