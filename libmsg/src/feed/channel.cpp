// SPDX-License-Identifier: Apache-2.0
#include "msg/channel.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "core/varint.h"
#include "feed/hint.h"
#include "messenger/impl.h"

namespace msg {
namespace {

constexpr std::chrono::minutes kClocksApartMax{10};
/// Processes whose last word is remembered. Who was forgotten can be played back for as long as
/// clocks may be apart.
constexpr std::size_t kSpeakersMax = 1024;

}  // namespace

struct Channel::Impl {
  Impl(MessengerInside::Impl& messenger, std::string channel, Handler on_heard)
      : bus(messenger.store->is_shared() ? messenger.options.bus : nullptr),
        clock(messenger.options.clock),
        codec(messenger.store->identity()),
        name("program-" + std::move(channel)),
        handler(std::move(on_heard)) {
    if (bus) bus->listen(name, [this](std::string_view bytes) { take(bytes); });
  }

  void take(std::string_view bytes) {
    const auto unsealed = codec.unseal(HintKind::program, bytes);
    if (!unsealed) return;
    ByteReader reader(unsealed->body);
    const bool is_ours = reader.text() == name;
    const Time said_at{Time::duration{reader.zigzag()}};
    const std::string_view payload = reader.raw(reader.remaining());
    if (is_ours && reader.done() && is_new(unsealed->source, said_at)) handler(payload);
  }

  bool is_new(std::string_view source, Time said_at) {
    const Time now = clock();
    if (said_at < now - kClocksApartMax || said_at > now + kClocksApartMax) return false;
    const std::scoped_lock lock(mutex);
    Time& last = heard[std::string(source)];
    if (said_at <= last) return false;
    last = said_at;
    if (heard.size() > kSpeakersMax) {
      heard.erase(
          std::ranges::min_element(heard, {}, [](const auto& item) { return item.second; }));
    }
    return true;
  }

  Time next_time() {
    const std::scoped_lock lock(mutex);
    said = std::max(clock(), said + std::chrono::milliseconds(1));  // clocks go back
    return said;
  }

  const std::shared_ptr<Bus> bus;
  const std::function<Time()> clock;
  const HintCodec codec;
  const std::string name;
  const Handler handler;
  std::mutex mutex;  ///< Of what follows.
  std::unordered_map<std::string, Time> heard;
  Time said{};
};

Channel::Channel(Messenger& messenger, std::string name, Handler handler)
    : impl_(std::make_unique<Impl>(MessengerInside::of(messenger), std::move(name),
                                   std::move(handler))) {}

Channel::~Channel() {
  if (impl_->bus) impl_->bus->stop_listening(impl_->name);
}

bool Channel::is_open() const {
  return impl_->bus != nullptr;
}

void Channel::say(std::string_view payload) {
  if (!impl_->bus || payload.size() > kChannelPayloadMax) return;
  std::string body;
  put_text(body, impl_->name);
  put_zigzag(body, impl_->next_time().time_since_epoch().count());
  body += payload;
  impl_->bus->publish(impl_->name, impl_->codec.seal(HintKind::program, body));
}

}  // namespace msg
