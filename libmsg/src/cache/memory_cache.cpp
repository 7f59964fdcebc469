// SPDX-License-Identifier: Apache-2.0
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "cache/caches.h"

namespace msg {
namespace {

/// About what an entry takes beside its bytes.
constexpr std::size_t kCacheEntryBytes = 128;

/// The entries, the one that was used last in front.
class MemoryCache final : public Cache {
 public:
  explicit MemoryCache(CacheOptions options) : options_(std::move(options)) {}

  std::optional<std::string> find(std::string_view key) override {
    const std::scoped_lock lock(mutex_);
    auto place = places_.find(std::string(key));
    if (place != places_.end() && place->second->ends <= options_.clock()) {
      erase(place);
      place = places_.end();
    }
    if (place == places_.end()) {
      ++state_.absent;
      return std::nullopt;
    }
    entries_.splice(entries_.begin(), entries_, place->second);
    ++state_.found;
    return place->second->value;
  }

  void put(std::string_view key, std::string value) override {
    const std::scoped_lock lock(mutex_);
    if (!is_cacheable(key, value, options_)) {
      ++state_.dropped;
      return;
    }
    if (const auto place = places_.find(std::string(key)); place != places_.end()) erase(place);
    entries_.push_front({std::string(key), std::move(value), options_.clock() + options_.ttl});
    bytes_ += size_of(entries_.front());
    places_.emplace(std::string(key), entries_.begin());
    while (bytes_ > options_.bytes_max) erase(places_.find(entries_.back().key));
    ++state_.stored;
  }

  CacheState state() const override {
    const std::scoped_lock lock(mutex_);
    return state_;
  }

 private:
  struct Entry {
    std::string key;
    std::string value;
    std::chrono::steady_clock::time_point ends;
  };
  using Entries = std::list<Entry>;
  using Places = std::unordered_map<std::string, Entries::iterator>;

  static std::size_t size_of(const Entry& entry) {
    return 2 * entry.key.size() + entry.value.size() + kCacheEntryBytes;
  }

  void erase(Places::iterator place) {
    bytes_ -= size_of(*place->second);
    entries_.erase(place->second);
    places_.erase(place);
  }

  const CacheOptions options_;
  mutable std::mutex mutex_;
  Entries entries_;
  Places places_;
  std::size_t bytes_{0};
  CacheState state_{.connected = true};
};

}  // namespace

std::shared_ptr<Cache> open_memory_cache(std::string_view name, const CacheOptions& options) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Cache>, std::less<>> caches;
  const std::scoped_lock lock(mutex);
  std::erase_if(caches, [](const auto& entry) { return entry.second.expired(); });
  auto& kept = caches[std::string(name)];
  auto cache = kept.lock();
  if (!cache) kept = cache = std::make_shared<MemoryCache>(options);
  return cache;
}

}  // namespace msg
