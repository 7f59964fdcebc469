// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "commit/committer.h"
#include "core/cursor.h"
#include "feed/change_hub.h"
#include "feed/relay.h"
#include "messenger/list_cache.h"
#include "msg/messenger.h"
#include "store/store.h"

namespace msg {

/// The parts behind the facade, in the order in which they depend on each other.
struct Messenger::Impl {
  /// `last` and `now`: the newest version in the store, and all that is seen of it.
  Impl(std::unique_ptr<Store> opened, Version last, const Position& now, Options given)
      : options(std::move(given)),
        store(std::move(opened)),
        codec(store->identity()),
        hub(*store, codec, now),
        relay(*store, hub, options),
        lists(options, store->identity().writer, now.horizon),
        committer(*store, last, now.horizon.up_to.at(store->identity().writer), options,
                  [this](const Commit& commit) {
                    lists.committed(commit);
                    relay.committed(commit);
                  }) {}

  /// What this store's processes hear each other by; none where there is but one.
  std::shared_ptr<Bus> shared_bus() const { return store->is_shared() ? options.bus : nullptr; }

  const Options options;
  const std::unique_ptr<Store> store;
  const CursorCodec codec;
  ChangeHub hub;
  Relay relay;
  ListCache lists;
  Committer committer;
};

/// The way in for the library's other classes.
struct MessengerInside {
  using Impl = Messenger::Impl;
  static Impl& of(Messenger& messenger) { return *messenger.impl_; }
};

}  // namespace msg
