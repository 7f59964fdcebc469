// SPDX-License-Identifier: Apache-2.0
#include "msg/nodes.h"

#include <mutex>
#include <utility>

#include "feed/sealed_channel.h"
#include "messenger/impl.h"
#include "nodes/node_roster.h"

namespace msg {
struct Nodes::Impl {
  Impl(MessengerInside::Impl& messenger, NodesOptions given)
      : options(std::move(given)),
        words(messenger.shared_bus(), messenger.store->identity(), "nodes", options.clock,
              [this](std::string_view process, std::string_view payload) {
                take(process, payload);
              }) {}

  void take(std::string_view process, std::string_view payload) {
    const auto report = decode_report(payload);
    if (!report) return;
    const Time now = options.clock();
    const std::scoped_lock lock(mutex);
    roster.take(process, *report, now);
  }

  const NodesOptions options;
  std::mutex mutex;
  NodeRoster roster;  ///< Guarded by it.
  SealedChannel words;
};

Nodes::Nodes(Messenger& messenger, NodesOptions options)
    : impl_(std::make_unique<Impl>(MessengerInside::of(messenger), std::move(options))) {}

Nodes::~Nodes() {
  impl_->words.say(encode({.leaves = true, .status = {}}));
}

void Nodes::tell(const NodeStatus& own) {
  impl_->words.say(encode({.status = own}));
}

std::vector<KnownNode> Nodes::list(const NodeStatus& own) const {
  const Time now = impl_->options.clock();
  const std::scoped_lock lock(impl_->mutex);
  return impl_->roster.list(own, now);
}

}  // namespace msg
