// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

#include "commit/committer.h"
#include "core/cursor.h"
#include "feed/change_hub.h"
#include "msg/messenger.h"
#include "store/store.h"

namespace msg {

/// The parts behind the facade, in the order in which they depend on each other.
struct Messenger::Impl {
  Impl(std::unique_ptr<Store> opened, Version last, Options given)
      : options(std::move(given)),
        store(std::move(opened)),
        codec(store->identity()),
        hub(*store, codec),
        committer(*store, last, options,
                  [this](const std::vector<std::shared_ptr<Event>>& events, std::uint32_t life) {
                    hub.publish(events, life);
                  }) {}

  const Options options;
  const std::unique_ptr<Store> store;
  const CursorCodec codec;
  ChangeHub hub;
  std::mutex switching;  ///< Held while a user's switch for read receipts changes.
  Committer committer;
};

/// The way in for the library's other classes.
struct MessengerInside {
  using Impl = Messenger::Impl;
  static Impl& of(Messenger& messenger) { return *messenger.impl_; }
};

}  // namespace msg
