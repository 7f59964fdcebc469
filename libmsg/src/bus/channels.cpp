// SPDX-License-Identifier: Apache-2.0
#include "bus/channels.h"

#include <utility>

namespace msg {

void Channels::listen(std::string_view channel, Bus::Handler handler) {
  auto listener = std::make_shared<Listener>();
  listener->handler = std::move(handler);
  const std::scoped_lock lock(mutex_);
  listeners_.insert_or_assign(std::string(channel), std::move(listener));
}

void Channels::stop_listening(std::string_view channel) {
  std::shared_ptr<Listener> listener;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = listeners_.find(channel);
    if (found == listeners_.end()) return;
    listener = std::move(found->second);
    listeners_.erase(found);
  }
  const std::scoped_lock calling(listener->calling);
  listener->handler = nullptr;
}

void Channels::stop_all() {
  std::map<std::string, std::shared_ptr<Listener>, std::less<>> all;
  {
    const std::scoped_lock lock(mutex_);
    all.swap(listeners_);
  }
  for (const auto& [channel, listener] : all) {
    const std::scoped_lock calling(listener->calling);
    listener->handler = nullptr;
  }
}

bool Channels::hand_over(std::string_view channel, std::string_view payload) {
  std::shared_ptr<Listener> listener;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = listeners_.find(channel);
    if (found == listeners_.end()) return false;
    listener = found->second;
  }
  const std::scoped_lock calling(listener->calling);
  if (listener->handler) listener->handler(payload);
  return true;
}

}  // namespace msg
