// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "auth/key_set.h"

namespace msgd {

struct KeySourceOptions {
  /// Gets the text of the set, or says why not. May block for some seconds.
  std::function<std::expected<std::string, std::string>()> fetch{};
  Secrets secrets{Secrets::refused};
  /// None: it is fetched when load() is called, and never else.
  std::optional<std::chrono::milliseconds> refresh_every{std::chrono::hours(1)};
  /// Between two attempts, whoever asks for them.
  std::chrono::milliseconds pause{std::chrono::minutes(1)};
  std::function<std::chrono::steady_clock::time_point()> clock{std::chrono::steady_clock::now};
};

struct KeySourceCounters {
  std::int64_t keys{};
  std::int64_t fetches{};
  std::int64_t failures{};  ///< Of them.
};

/// The keys of an issuer, as new as they need to be. When they cannot be fetched, or what was
/// fetched is no key set, those that are there stay.
///
/// Thread safety: all calls from any thread. One fetch at a time: nobody waits for another's.
class KeySource {
 public:
  explicit KeySource(KeySourceOptions options) : options_(std::move(options)) {}

  /// Null: none were fetched yet.
  std::shared_ptr<const KeySet> keys() const;

  /// Fetches now. The error is a clause for the operator.
  std::expected<void, std::string> load();

  enum class Renewal {
    done,       ///< The keys are new.
    failed,     ///< They cannot be had.
    under_way,  ///< Somebody is fetching them right now.
    too_soon,   ///< They are as new as they may be.
  };
  /// Somebody shows a token with a key that is not there: issuers change theirs.
  Renewal renew();

  /// Fetches when it is time to. Returns after how long to call again; none: not at all.
  std::optional<std::chrono::milliseconds> refresh();

  KeySourceCounters counters() const;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  std::chrono::milliseconds until_due(TimePoint now) const;
  std::expected<KeySet, std::string> fetch() const;

  const KeySourceOptions options_;
  mutable std::mutex mutex_;  ///< Of what follows; not held while fetching.
  std::shared_ptr<const KeySet> keys_;
  std::optional<TimePoint> tried_;
  bool failed_{false};  ///< The last attempt did.
  bool fetching_{false};
  KeySourceCounters counted_;
};

}  // namespace msgd
