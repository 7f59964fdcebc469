// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "msg/ids.h"
#include "ops/ip_address.h"
#include "ops/rate_table.h"

namespace msgd {

/// What a request is counted as. `none` is not counted: what programs watch the server with.
enum class RateClass : std::uint8_t {
  none,
  sends,
  groups,
  sign_in,
  uploads,
  searches,
  lookups,
  other
};

/// Whom it is counted for: a key, else a user, else an address.
struct RateCaller {
  std::optional<msg::UserId> user{};
  std::optional<msg::ApiKeyId> key{};
  IpAddress address{};
};

struct RateOptions {
  bool on{true};
  // Of a user.
  RateRule sends{.burst = 60, .per_second = 1};
  RateRule groups{.burst = 10, .per_second = 0.1};
  RateRule uploads{.burst = 20, .per_second = 0.2};
  RateRule searches{.burst = 30, .per_second = 0.5};
  RateRule lookups{};  ///< Of phone numbers; see Config::phone_lookups_per_day.
  RateRule other{.burst = 300, .per_second = 50};
  // Of an address without a token: an IPv4 address or IPv6 /64; its IPv4 /24 or IPv6 /48 gets
  // kNetworkFactor times as much.
  RateRule sign_in{.burst = 5, .per_second = 0.003};
  RateRule anonymous{.burst = 100, .per_second = 20};
  /// Of the beginning of a phone number, all addresses together.
  RateRule prefix{.burst = 100, .per_second = 0.5};
  /// Of a key, everything together.
  RateRule key{.burst = 10'000, .per_second = 5'000};
  std::size_t places{65'536};  ///< Subjects that are remembered, of each rule.
};

/// What became of one request, and what its caller is told.
struct RateJudgement {
  std::string_view policy;  ///< Name of the rule; empty: nothing is limited.
  RateRule rule;
  RateVerdict verdict;
};

/// Every limit on how often something may be asked, for REST and WebSocket alike.
///
/// Thread safety: all calls from any thread.
class RateLimits {
 public:
  using Clock = std::function<RateTable::Time()>;
  static constexpr std::uint32_t kNetworkFactor = 8;
  static constexpr std::size_t kPrefixChars = 7;  ///< Of "+14155550101": "+141555".

  explicit RateLimits(const RateOptions& options, Clock clock = std::chrono::steady_clock::now);

  /// Counts one request. Refused by one of several buckets, it is counted in those before it.
  RateJudgement judge(RateClass what, const RateCaller& caller);

  /// Counts one code that is to be sent to `phone`, of all numbers that begin alike.
  RateJudgement judge_prefix(std::string_view phone);

  /// What the subject of one rule took here.
  struct Spending {
    std::uint8_t rule{0};
    std::string subject;  ///< 1–255 bytes
    std::uint32_t count{0};
  };
  /// From here on what is taken is noted for other servers, kSpendingMax subjects at a time: what
  /// more of them take, the others do not hear of.
  void note_spending() { notes_spending_ = true; }
  std::vector<Spending> take_spending();
  /// Takes what was taken at another server.
  void charge(const Spending& spending);
  static constexpr std::size_t kSpendingMax = 16'384;

  RateTable::Time now() const { return clock_(); }

  /// Refusals by rule, in the text format of Prometheus.
  void append_metrics(std::string& out) const;

 private:
  enum class Rule : std::uint8_t {
    sends,
    groups,
    uploads,
    searches,
    lookups,
    other,
    sign_in,
    anonymous,
    sign_in_network,
    anonymous_network,
    prefix,
    key,
  };
  static constexpr std::size_t kRules = 12;

  static std::string_view name_of(Rule rule);
  static Rule rule_of(RateClass what);
  RateJudgement take(Rule rule, std::span<const std::uint8_t> subject);
  RateJudgement take_address(Rule address_rule, Rule network_rule, const IpAddress& address);

  void note(Rule rule, std::span<const std::uint8_t> subject);

  const Clock clock_;
  std::array<std::unique_ptr<RateTable>, kRules> tables_;  // none when nothing is limited
  std::array<std::atomic<std::uint64_t>, kRules> refused_{};
  std::atomic<bool> notes_spending_{false};
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> spending_;  ///< By rule and subject.
};

/// The fields of draft-ietf-httpapi-ratelimit-headers that say so: `"sends";q=60;w=60` and
/// `"sends";r=59;t=1`.
std::string rate_limit_policy(const RateJudgement& judgement);
std::string rate_limit_state(const RateJudgement& judgement);

}  // namespace msgd
