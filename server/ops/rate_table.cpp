// SPDX-License-Identifier: Apache-2.0
#include "ops/rate_table.h"

#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>

namespace msgd {
namespace {

static_assert(sizeof(RateTable::Secret) == crypto_shorthash_KEYBYTES);

std::uint64_t hash_of(std::span<const std::uint8_t> subject, const RateTable::Secret& secret) {
  std::uint64_t hash = 0;
  static_assert(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), subject.data(), subject.size(),
                   secret.data());
  return hash;
}

std::int64_t to_interval(const RateRule& rule) {
  if (rule.is_off()) return 0;
  return std::max<std::int64_t>(1, std::llround(1e9 / rule.per_second));
}

std::int64_t nanoseconds_of(RateTable::Time time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

void RateTable::Free::operator()(Place* places) const noexcept {
  std::free(places);
}

RateTable::RateTable(RateRule rule, std::size_t places, const Secret& secret)
    : rule_(rule),
      secret_(secret),
      interval_(to_interval(rule)),
      depth_(interval_ * static_cast<std::int64_t>(rule.burst)) {
  while (sets_ * kWays < places) sets_ *= 2;
  // Zeros are places that are free: their time has passed. From calloc they cost nothing yet.
  places_.reset(static_cast<Place*>(std::calloc(sets_ * kWays, sizeof(Place))));
  if (places_ == nullptr) throw std::bad_alloc();
}

RateTable::Place& RateTable::place_of(std::uint64_t hash, std::int64_t now) {
  const std::span<Place> set{places_.get() + (hash & (sets_ - 1)) * kWays, kWays};
  const auto own = std::ranges::find(set, hash, &Place::tag);
  if (own != set.end()) return *own;
  Place& least = *std::ranges::min_element(set, {}, &Place::full_at);
  least.tag = hash;
  least.full_at = std::max(least.full_at, now);  // the debt stays with the place
  return least;
}

RateVerdict RateTable::take(std::span<const std::uint8_t> subject, Time now) {
  using std::chrono::nanoseconds;
  if (rule_.is_off()) return {};
  const std::int64_t at = nanoseconds_of(now);
  const std::uint64_t hash = hash_of(subject, secret_);
  const std::lock_guard lock(locks_[(hash & (sets_ - 1)) % kLocks]);
  Place& place = place_of(hash, at);
  const std::int64_t debt = std::max<std::int64_t>(place.full_at - at, 0);
  const std::int64_t after = debt + interval_;
  if (after > depth_) {
    return {.allowed = false,
            .remaining = 0,
            .retry_after = nanoseconds{after - depth_},
            .full_after = nanoseconds{debt}};
  }
  place.full_at = at + after;
  return {.allowed = true,
          .remaining = static_cast<std::uint32_t>((depth_ - after) / interval_),
          .retry_after = nanoseconds{0},
          .full_after = nanoseconds{after}};
}

void RateTable::charge(std::span<const std::uint8_t> subject, std::uint32_t count, Time now) {
  if (rule_.is_off()) return;
  const std::int64_t at = nanoseconds_of(now);
  const std::uint64_t hash = hash_of(subject, secret_);
  const std::lock_guard lock(locks_[(hash & (sets_ - 1)) % kLocks]);
  Place& place = place_of(hash, at);
  const std::int64_t debt = std::max<std::int64_t>(place.full_at - at, 0);
  const std::int64_t more = interval_ * std::min(count, rule_.burst);
  place.full_at = at + std::max(debt, std::min(debt + more, depth_));
}

}  // namespace msgd
