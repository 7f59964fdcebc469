// SPDX-License-Identifier: Apache-2.0
#include "auth/key_source.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "ops/log.h"

namespace msgd {

using std::chrono::milliseconds;

std::shared_ptr<const KeySet> KeySource::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

KeySourceCounters KeySource::counters() const {
  const std::scoped_lock lock(mutex_);
  KeySourceCounters counted = counted_;
  counted.keys = keys_ ? static_cast<std::int64_t>(keys_->size()) : 0;
  return counted;
}

std::expected<void, std::string> KeySource::load() {
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(fetching_, true)) return std::unexpected("it is being fetched right now");
  }
  auto set = fetch();
  const std::scoped_lock lock(mutex_);
  fetching_ = false;
  tried_ = options_.clock();
  ++counted_.fetches;
  failed_ = !set;
  if (!set) {
    ++counted_.failures;
    return std::unexpected(std::move(set.error()));
  }
  keys_ = std::make_shared<const KeySet>(*std::move(set));
  return {};
}

std::expected<KeySet, std::string> KeySource::fetch() const {
  try {
    auto text = options_.fetch();
    if (!text) return std::unexpected(std::move(text.error()));
    return KeySet::parse(*text, options_.secrets);
  } catch (const std::exception& error) {
    return std::unexpected(std::string(error.what()));
  }
}

KeySource::Renewal KeySource::renew() {
  if (!options_.refresh_every) return Renewal::too_soon;
  {
    const std::scoped_lock lock(mutex_);
    if (fetching_) return Renewal::under_way;
    if (tried_ && options_.clock() - *tried_ < options_.pause) return Renewal::too_soon;
  }
  const auto loaded = load();
  if (loaded) return Renewal::done;
  log_warn("jwt.keys_not_fetched", {{"why", loaded.error()}});
  return Renewal::failed;
}

std::optional<milliseconds> KeySource::refresh() {
  if (!options_.refresh_every) return std::nullopt;
  {
    const std::scoped_lock lock(mutex_);
    const auto left = until_due(options_.clock());
    if (left.count() > 0) return left;
  }
  if (const auto loaded = load(); !loaded) {
    log_warn("jwt.keys_not_fetched", {{"why", loaded.error()}});
  }
  const std::scoped_lock lock(mutex_);
  return std::max(until_due(options_.clock()), milliseconds(1));
}

/// The mutex is held. What failed is tried again after the pause.
milliseconds KeySource::until_due(TimePoint now) const {
  if (!tried_) return milliseconds(0);
  const auto due = *tried_ + (failed_ ? options_.pause : *options_.refresh_every);
  return std::max(std::chrono::ceil<milliseconds>(due - now), milliseconds(0));
}

}  // namespace msgd
