// SPDX-License-Identifier: Apache-2.0
#include "msg/nodes.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "feed/hint.h"
#include "messenger/impl.h"
#include "nodes/node_roster.h"

namespace msg {
namespace {

constexpr std::string_view kNodesChannel = "nodes";

}  // namespace

struct Nodes::Impl {
  Impl(MessengerInside::Impl& messenger, NodesOptions given)
      : options(std::move(given)),
        bus(messenger.store->is_shared() ? messenger.options.bus : nullptr),
        codec(messenger.store->identity()) {
    if (bus) bus->listen(kNodesChannel, [this](std::string_view bytes) { take(bytes); });
  }

  void take(std::string_view bytes) {
    const auto unsealed = codec.unseal(HintKind::node, bytes);
    if (!unsealed) return;
    const auto report = decode_report(unsealed->body);
    if (!report) return;
    const Time now = options.clock();
    const std::scoped_lock lock(mutex);
    roster.take(unsealed->source, *report, now);
  }

  void say(NodeReport report) {
    if (!bus) return;
    const Time now = options.clock();
    {
      const std::scoped_lock lock(mutex);
      said_at = std::max(now, said_at + std::chrono::milliseconds(1));  // clocks go back
      report.said_at = said_at;
    }
    bus->publish(kNodesChannel, codec.seal(HintKind::node, encode(report)));
  }

  const NodesOptions options;
  const std::shared_ptr<Bus> bus;
  const HintCodec codec;
  std::mutex mutex;  ///< Of what follows.
  NodeRoster roster;
  Time said_at{};
};

Nodes::Nodes(Messenger& messenger, NodesOptions options)
    : impl_(std::make_unique<Impl>(MessengerInside::of(messenger), std::move(options))) {}

Nodes::~Nodes() {
  impl_->say({.leaves = true, .status = {}});
  if (impl_->bus) impl_->bus->stop_listening(kNodesChannel);
}

void Nodes::tell(const NodeStatus& own) {
  impl_->say({.status = own});
}

std::vector<KnownNode> Nodes::list(const NodeStatus& own) const {
  const Time now = impl_->options.clock();
  const std::scoped_lock lock(impl_->mutex);
  return impl_->roster.list(own, now);
}

}  // namespace msg
