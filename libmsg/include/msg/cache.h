// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg {

/// How a cache fares, since it was opened.
struct CacheState {
  bool connected{false};     ///< Whether find() asks anybody at present.
  std::uint64_t found{0};    ///< Answers of find() that were something.
  std::uint64_t absent{0};   ///< Answers that were nothing.
  std::uint64_t failed{0};   ///< Not asked, or no answer in time.
  std::uint64_t stored{0};   ///< Taken by the other end.
  std::uint64_t dropped{0};  ///< Put and not taken: nobody connected, too much waiting, too large.
};

/// What the stores that use a cache made of it. Counters, each right on its own.
struct CacheUse {
  std::atomic<std::uint64_t> hits{0};     ///< Answers from the cache.
  std::atomic<std::uint64_t> shared{0};   ///< Answers that another reader was waiting for already.
  std::atomic<std::uint64_t> loads{0};    ///< Answers from the store, and put into the cache.
  std::atomic<std::uint64_t> refused{0};  ///< Entries that nobody of this store had made.
  std::atomic<std::int64_t> waiting{0};   ///< Readers that wait for another's answer now.
};

/// Holds bytes under names for a while, to be shared by the processes on one store. It may forget
/// any of them at any time, give back an older value or a forged one, stall or be away: who uses it
/// can tell, asks the store instead, and only has to wait a little longer. So it promises nothing
/// but to answer soon.
///
/// Thread safety: all calls from any thread.
class Cache {
 public:
  /// Ends the connections. No call may be under way.
  virtual ~Cache() = default;

  /// What was last put there, as far as is known. Nothing, too, when no answer came within
  /// CacheOptions::deadline; then nobody is asked until the other end is known to answer again.
  virtual std::optional<std::string> find(std::string_view key) = 0;

  /// To be found for CacheOptions::ttl. Never waits: what cannot be sent soon is dropped. A key is
  /// 1 to kCacheKeyMax bytes of any kind; a value, at most CacheOptions::value_bytes_max, is not
  /// empty.
  virtual void put(std::string_view key, std::string value) = 0;

  virtual CacheState state() const = 0;

  CacheUse& use() { return use_; }

 private:
  CacheUse use_;
};
inline constexpr std::size_t kCacheKeyMax = 128;

struct CacheOptions {
  /// What find() may take, 1 ms or more: the answer is worth no more than reading it from the
  /// store.
  std::chrono::milliseconds deadline{20};
  /// To connect, and between two looks whether the other end is back.
  std::chrono::milliseconds timeout = std::chrono::seconds(1);
  /// How long a value is kept, 1 ms or more.
  std::chrono::milliseconds ttl = std::chrono::minutes(10);
  /// Of a value. A larger one is dropped, and not fetched either.
  std::size_t value_bytes_max = std::size_t{1} << 20;
  /// Of all keys and values in this process, memory: only; the longest unused make room. How much a
  /// Redis takes is its own setting (maxmemory).
  std::size_t bytes_max = std::size_t{64} << 20;
  /// Bytes that wait to be sent.
  std::size_t waiting_bytes_max = std::size_t{8} << 20;
  /// Connections for find(), which share them: 1 to 64.
  int links = 4;
  /// Where the age of an entry comes from, memory: only; for tests.
  std::function<std::chrono::steady_clock::time_point()> clock = std::chrono::steady_clock::now;
  /// As Options::log.
  std::function<void(std::string_view line)> log;
};

/// redis://[user[:password]@]host[:port][/prefix], or memory:NAME, which is shared by what is in
/// this process and is what the other is held to. Without a connection it opens all the same, and
/// connects when it can.
///
/// invalid_argument, field "cache": not such a URL, or of a kind that this library was built
/// without; a deadline, a ttl or a number of links out of bounds.
Result<std::shared_ptr<Cache>> open_cache(std::string_view url, const CacheOptions& options = {});

}  // namespace msg
