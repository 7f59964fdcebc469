// SPDX-License-Identifier: Apache-2.0
#include "presence/sighting_relay.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/varint.h"

namespace msg {
namespace {

constexpr std::size_t kTogether = 8192;  // some 150 KB

std::string encode(std::span<const Sighting> sightings) {
  std::string out;
  put_varint(out, sightings.size());
  for (const Sighting& one : sightings) {
    put_varint(out, static_cast<std::uint64_t>(to_int(one.user)));
    put_byte(out, static_cast<std::uint8_t>(one.state));
    const auto last = one.last_seen ? one.last_seen->time_since_epoch().count() : 0;
    put_zigzag(out, last);
  }
  return out;
}

std::vector<Sighting> decode(std::string_view body) {
  ByteReader reader(body);
  std::vector<Sighting> sightings;
  const std::uint64_t count = reader.varint();
  if (count > reader.remaining()) return {};
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Sighting one;
    one.user = UserId{static_cast<std::int64_t>(reader.varint())};
    const std::uint8_t state = reader.byte();
    one.state = static_cast<PresenceState>(std::min<std::uint8_t>(state, 2));
    const std::int64_t last = reader.zigzag();
    if (last != 0) one.last_seen = Time(std::chrono::milliseconds(last));
    sightings.push_back(one);
  }
  return reader.done() ? sightings : std::vector<Sighting>{};
}

}  // namespace

SightingRelay::SightingRelay(MessengerInside::Impl& messenger, Handler handler)
    : handler_(std::move(handler)),
      words_(
          messenger.shared_bus(), messenger.store->identity(), "presence", messenger.options.clock,
          [this](std::string_view process, std::string_view payload) { take(process, payload); }) {
  words_.say({});
}

bool SightingRelay::is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (!is_asked_.exchange(false) && now < next_repeat_) return false;
  next_repeat_ = now + kRepeat;
  return true;
}

void SightingRelay::tell(const std::vector<Sighting>& sightings) {
  for (std::size_t at = 0; at < sightings.size(); at += kTogether) {
    const auto part = std::span(sightings).subspan(at, std::min(kTogether, sightings.size() - at));
    words_.say(encode(part));
  }
}

/// Nothing at all is the question of one who begins.
void SightingRelay::take(std::string_view process, std::string_view payload) {
  if (payload.empty()) {
    is_asked_ = true;
  } else {
    handler_(std::string(process), decode(payload));
  }
}

}  // namespace msg
