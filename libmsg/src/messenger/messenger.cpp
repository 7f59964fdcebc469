// SPDX-License-Identifier: Apache-2.0
#include "msg/messenger.h"

#include <sodium.h>

#include <algorithm>

#include "core/limits.h"
#include "messenger/impl.h"

namespace msg {

Messenger::Messenger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Messenger::~Messenger() = default;

Result<std::unique_ptr<Messenger>> open(std::string_view url, Options options) {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium finds no source of randomness.");
  MSG_CHECK(check_options(options));
  MSG_TRY(auto store, open_store(url, options));
  Version last{};
  Position now;
  {
    MSG_TRY(const auto snapshot, store->snapshot());
    MSG_TRY(last, snapshot->last_version());
    MSG_TRY(now.horizon, snapshot->horizon());
    MSG_TRY(const auto tags, snapshot->list_life_tags({&now.horizon, 1}));
    now.tags = tags.front();
  }
  auto impl = std::make_unique<Messenger::Impl>(std::move(store), last, now, std::move(options));
  return std::unique_ptr<Messenger>(new Messenger(std::move(impl)));
}

Result<void> Messenger::check() {
  return impl_->store->check();
}

int Messenger::node() const {
  return impl_->store->node().value_or(std::max(impl_->options.node, 0));
}

std::size_t Messenger::queued_writes() const {
  return impl_->committer.queued();
}

}  // namespace msg
