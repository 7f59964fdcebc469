// SPDX-License-Identifier: Apache-2.0
#include "feed/sealed_channel.h"

#include <algorithm>
#include <utility>

#include "core/varint.h"

namespace msg {
namespace {

constexpr std::chrono::minutes kClocksApartMax{10};
/// Processes whose last word is remembered. Who was forgotten can be played back for as long as
/// clocks may be apart.
constexpr std::size_t kSpeakersMax = 1024;

}  // namespace

// body = name:text said_at:zigzag payload
//
// said_at is in microseconds, so that who says much within a millisecond is not ahead of the clock.

SealedChannel::SealedChannel(std::shared_ptr<Bus> bus, const StoreIdentity& identity,
                             std::string name, Clock clock, Handler handler)
    : bus_(std::move(bus)),
      codec_(identity),
      name_(std::move(name)),
      clock_(std::move(clock)),
      handler_(std::move(handler)) {
  if (bus_) bus_->listen(name_, [this](std::string_view bytes) { take(bytes); });
}

SealedChannel::~SealedChannel() {
  if (bus_) bus_->stop_listening(name_);
}

void SealedChannel::say(std::string_view payload) {
  if (!bus_) return;
  const std::scoped_lock lock(saying_);
  said_at_ = std::max(Moment(clock_()), said_at_ + Moment::duration(1));  // clocks go back
  std::string body;
  put_text(body, name_);
  put_zigzag(body, said_at_.time_since_epoch().count());
  body += payload;
  bus_->publish(name_, codec_.seal(HintKind::word, body));
}

void SealedChannel::take(std::string_view bytes) {
  const auto unsealed = codec_.unseal(HintKind::word, bytes);
  if (!unsealed) return;
  ByteReader reader(unsealed->body);
  const bool is_ours = reader.text() == name_;
  const Moment said_at{Moment::duration{reader.zigzag()}};
  const std::string_view payload = reader.raw(reader.remaining());
  if (is_ours && reader.done() && is_new(unsealed->source, said_at)) {
    handler_(unsealed->source, payload);
  }
}

bool SealedChannel::is_new(std::string_view process, Moment said_at) {
  const Moment now = clock_();
  if (said_at < now - kClocksApartMax || said_at > now + kClocksApartMax) return false;
  const std::scoped_lock lock(hearing_);
  Moment& last = heard_[std::string(process)];
  if (said_at <= last) return false;
  last = said_at;
  if (heard_.size() > kSpeakersMax) {
    heard_.erase(
        std::ranges::min_element(heard_, {}, [](const auto& speaker) { return speaker.second; }));
  }
  return true;
}

}  // namespace msg
