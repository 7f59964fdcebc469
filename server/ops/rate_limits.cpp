// SPDX-License-Identifier: Apache-2.0
#include "ops/rate_limits.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <stdexcept>
#include <utility>

namespace msgd {
namespace {

RateRule times(const RateRule& rule, std::uint32_t factor) {
  return {.burst = rule.burst * factor, .per_second = rule.per_second * factor};
}

template <class Id>
std::array<std::uint8_t, 8> bytes_of(Id id) {
  std::array<std::uint8_t, 8> bytes{};
  auto value = static_cast<std::uint64_t>(id);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(value & 0xFF);
    value >>= 8;
  }
  return bytes;
}

std::int64_t seconds_up(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time).count();
}

}  // namespace

RateLimits::RateLimits(const RateOptions& options, Clock clock) : clock_(std::move(clock)) {
  if (!options.on) return;
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  RateTable::Secret secret{};
  randombytes_buf(secret.data(), secret.size());
  const auto make = [&](Rule rule, const RateRule& what) {
    tables_.at(std::to_underlying(rule)) =
        std::make_unique<RateTable>(what, options.places, secret);
  };
  make(Rule::sends, options.sends);
  make(Rule::groups, options.groups);
  make(Rule::uploads, options.uploads);
  make(Rule::searches, options.searches);
  make(Rule::lookups, options.lookups);
  make(Rule::other, options.other);
  make(Rule::sign_in, options.sign_in);
  make(Rule::anonymous, options.anonymous);
  make(Rule::sign_in_network, times(options.sign_in, kNetworkFactor));
  make(Rule::anonymous_network, times(options.anonymous, kNetworkFactor));
  make(Rule::prefix, options.prefix);
  make(Rule::key, options.key);
}

RateJudgement RateLimits::judge(RateClass what, const RateCaller& caller) {
  if (what == RateClass::none) return {};
  if (caller.key) return take(Rule::key, bytes_of(*caller.key));
  // Whoever signs in has no token that counts yet.
  if (what == RateClass::sign_in) {
    return take_address(Rule::sign_in, Rule::sign_in_network, caller.address);
  }
  if (caller.user) return take(rule_of(what), bytes_of(*caller.user));
  return take_address(Rule::anonymous, Rule::anonymous_network, caller.address);
}

RateJudgement RateLimits::judge_prefix(std::string_view phone) {
  const auto begin = phone.substr(0, kPrefixChars);
  return take(Rule::prefix, {reinterpret_cast<const std::uint8_t*>(begin.data()), begin.size()});
}

RateJudgement RateLimits::take(Rule rule, std::span<const std::uint8_t> subject) {
  RateTable* table = tables_.at(std::to_underlying(rule)).get();
  if (table == nullptr || table->rule().is_off()) return {};
  const RateVerdict verdict = table->take(subject, clock_());
  if (!verdict.allowed) {
    refused_.at(std::to_underlying(rule)).fetch_add(1, std::memory_order_relaxed);
  } else if (notes_spending_) {
    note(rule, subject);
  }
  return {.policy = name_of(rule), .rule = table->rule(), .verdict = verdict};
}

void RateLimits::note(Rule rule, std::span<const std::uint8_t> subject) {
  std::string key(1, static_cast<char>(rule));
  key.append(reinterpret_cast<const char*>(subject.data()), subject.size());
  const std::scoped_lock lock(mutex_);
  if (const auto known = spending_.find(key); known != spending_.end()) {
    ++known->second;
  } else if (spending_.size() < kSpendingMax) {
    spending_.emplace(std::move(key), 1);
  }
}

std::vector<RateLimits::Spending> RateLimits::take_spending() {
  std::unordered_map<std::string, std::uint32_t> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(spending_);
  }
  std::vector<Spending> list;
  list.reserve(taken.size());
  for (const auto& [key, count] : taken) {
    list.push_back(
        {.rule = static_cast<std::uint8_t>(key.front()), .subject = key.substr(1), .count = count});
  }
  return list;
}

void RateLimits::charge(const Spending& spending) {
  if (spending.rule >= kRules || !tables_.at(spending.rule)) return;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(spending.subject.data());
  tables_.at(spending.rule)->charge({bytes, spending.subject.size()}, spending.count, clock_());
}

RateJudgement RateLimits::take_address(Rule address_rule, Rule network_rule,
                                       const IpAddress& address) {
  const bool v4 = address.is_v4();
  const auto judgement = take(address_rule, address.prefix(v4 ? 128 : 64).bytes);
  if (!judgement.verdict.allowed) return judgement;
  const auto network = take(network_rule, address.prefix(v4 ? kV4PrefixBits + 24 : 48).bytes);
  return network.verdict.allowed ? judgement : network;
}

RateLimits::Rule RateLimits::rule_of(RateClass what) {
  switch (what) {
    case RateClass::sends:
      return Rule::sends;
    case RateClass::groups:
      return Rule::groups;
    case RateClass::sign_in:
      return Rule::sign_in;
    case RateClass::uploads:
      return Rule::uploads;
    case RateClass::searches:
      return Rule::searches;
    case RateClass::lookups:
      return Rule::lookups;
    case RateClass::none:
    case RateClass::other:
      return Rule::other;
  }
  std::unreachable();
}

std::string_view RateLimits::name_of(Rule rule) {
  switch (rule) {
    case Rule::sends:
      return "sends";
    case Rule::groups:
      return "groups";
    case Rule::uploads:
      return "uploads";
    case Rule::searches:
      return "searches";
    case Rule::lookups:
      return "lookups";
    case Rule::other:
      return "other";
    case Rule::sign_in:
      return "sign-in";
    case Rule::anonymous:
      return "anonymous";
    case Rule::sign_in_network:
      return "sign-in-network";
    case Rule::anonymous_network:
      return "anonymous-network";
    case Rule::prefix:
      return "prefix";
    case Rule::key:
      return "key";
  }
  std::unreachable();
}

void RateLimits::append_metrics(std::string& out) const {
  out += "# HELP msgd_rate_limited_total Requests refused because they came too often.\n";
  out += "# TYPE msgd_rate_limited_total counter\n";
  for (std::size_t i = 0; i < kRules; ++i) {
    fmt::format_to(std::back_inserter(out), "msgd_rate_limited_total{{rule=\"{}\"}} {}\n",
                   name_of(static_cast<Rule>(i)), refused_.at(i).load(std::memory_order_relaxed));
  }
}

std::string rate_limit_policy(const RateJudgement& judgement) {
  const double window = judgement.rule.burst / judgement.rule.per_second;
  return fmt::format("\"{}\";q={};w={}", judgement.policy, judgement.rule.burst,
                     std::max<std::int64_t>(1, std::llround(std::ceil(window))));
}

std::string rate_limit_state(const RateJudgement& judgement) {
  const RateVerdict& verdict = judgement.verdict;
  const auto until = verdict.allowed ? verdict.full_after : verdict.retry_after;
  return fmt::format("\"{}\";r={};t={}", judgement.policy, verdict.remaining, seconds_up(until));
}

}  // namespace msgd
