// SPDX-License-Identifier: Apache-2.0
#include "msg/channel.h"

#include <utility>

#include "feed/sealed_channel.h"
#include "messenger/impl.h"

namespace msg {

struct Channel::Impl {
  Impl(MessengerInside::Impl& messenger, std::string name, Handler handler)
      : words(messenger.shared_bus(), messenger.store->identity(), "program-" + std::move(name),
              messenger.options.clock,
              [handler = std::move(handler)](std::string_view, std::string_view payload) {
                handler(payload);
              }) {}

  SealedChannel words;
};

Channel::Channel(Messenger& messenger, std::string name, Handler handler)
    : impl_(std::make_unique<Impl>(MessengerInside::of(messenger), std::move(name),
                                   std::move(handler))) {}

Channel::~Channel() = default;

bool Channel::is_open() const {
  return impl_->words.is_open();
}

void Channel::say(std::string_view payload) {
  if (payload.size() <= kChannelPayloadMax) impl_->words.say(payload);
}

}  // namespace msg
