// SPDX-License-Identifier: Apache-2.0
// Attacks on sign-in by phone, played with a clock of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "msg/messenger.h"
#include "msg/sign_in.h"
#include "unit/store_results.h"

namespace msg {
namespace {

using test::must;

constexpr const char* kNonce = "0123456789abcdef";

std::string number(int i) {
  return "+1415" + std::to_string(5'000'000 + i);
}
std::string address(int i) {
  return "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".1";
}

class SignInAttack : public testing::Test {
 protected:
  void open() {
    Options options;
    options.clock = [this] { return Time{std::chrono::milliseconds{now_}}; };
    messenger_ = must(msg::open("memory:", options));
    rules_.countries = {"*"};
    rules_.addresses_max = 4096;
    sign_in_ = must(SignIn::open(*messenger_, rules_, [this](const CodeToSend&) {
      ++sent_;
      return Result<void>{};
    }));
  }
  Result<CodeRequested> request(const std::string& phone, const std::string& from) {
    return sign_in_->request_code({.phone = phone, .device_nonce = kNonce, .origin = from});
  }
  /// Those who attack share commits, as they would.
  static constexpr int kThreads = 200;
  static void in_parallel(const std::function<void(int thread)>& work) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  }
  void advance(std::chrono::milliseconds by) { now_ += by.count(); }

  SignInOptions rules_;
  std::atomic<std::int64_t> now_{1'800'000'000'000};
  std::atomic<std::int64_t> sent_{0};
  std::unique_ptr<Messenger> messenger_;
  std::unique_ptr<SignIn> sign_in_;
};

/// A hundred guesses for each of ten thousand numbers within a day, from a thousand networks.
TEST_F(SignInAttack, AMillionGuessesFindNoMoreThanChanceAllows) {
  constexpr int kNumbers = 10'000;
  constexpr int kRounds = 10;
  constexpr int kGuesses = 10;
  // The budgets are not what is tried here: the attacker has all the codes sent that a number may.
  rules_.sends_per_prefix = rules_.sends_per_country = rules_.sends_in_all = 1'000'000;
  rules_.requests_per_address = 1'000'000;
  open();
  std::atomic<std::int64_t> found{0};
  for (int round = 0; round < kRounds; ++round) {
    in_parallel([&](int thread) {
      std::mt19937_64 dice(static_cast<unsigned>(1000 * round + thread));
      for (int i = thread; i < kNumbers; i += kThreads) {
        const auto asked = must(request(number(i), address(i % 1000)));
        for (int guess = 0; guess < kGuesses; ++guess) {
          const std::string digits = std::to_string(1'000'000 + dice() % 1'000'000).substr(1);
          found += sign_in_->verify({.proof = {asked.request_id, kNonce, digits}}).has_value();
        }
      }
    });
    advance(std::chrono::minutes(140));
  }
  const SignInCounters counters = sign_in_->counters();
  EXPECT_EQ(counters.requested, kNumbers * kRounds);
  EXPECT_LE(counters.sent, 5 * kNumbers);
  // At most five codes a day and number with five guesses each: a quarter of a hit is expected,
  // and more than five have a probability below one in a million.
  EXPECT_LE(found, 5);
}

TEST_F(SignInAttack, AHundredThousandRequestsSendNoMoreThanTheBudgets) {
  open();
  std::atomic<std::int64_t> refused{0};
  in_parallel([&](int thread) {
    for (int i = thread; i < 100'000; i += kThreads) {
      refused += !request(number(i * 7 % 100'000), address(i % 20'000)).has_value();
      if (i % 1000 == 0) advance(std::chrono::seconds(36));  // an hour in all
    }
  });
  const SignInCounters counters = sign_in_->counters();
  EXPECT_LE(counters.sent, rules_.sends_per_country * 2) << "of one country, in two hours begun";
  EXPECT_EQ(counters.sent + counters.withheld + refused, 100'000);
  EXPECT_GT(counters.sent, 0);
}

/// The difference of the means over the common deviation (Cohen's d), of the inner nine tenths:
/// what the machine does besides lies in the rest.
double effect_size(std::vector<double> a, std::vector<double> b) {
  const auto trim = [](std::vector<double>& times) {
    std::ranges::sort(times);
    times.resize(times.size() * 19 / 20);
    times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 20));
  };
  trim(a);
  trim(b);
  const auto mean = [](const std::vector<double>& times) {
    return std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
  };
  const auto variance = [&](const std::vector<double>& times, double middle) {
    double sum = 0;
    for (const double time : times) sum += (time - middle) * (time - middle);
    return sum / static_cast<double>(times.size());
  };
  const double middle_a = mean(a);
  const double middle_b = mean(b);
  const double deviation = std::sqrt((variance(a, middle_a) + variance(b, middle_b)) / 2);
  return std::abs(middle_a - middle_b) / deviation;
}

/// Ten thousand pairs in random order, one of a number with an account and one without.
TEST_F(SignInAttack, ANumberWithAnAccountAnswersLikeOneWithout) {
  constexpr int kPairs = 10'000;
  rules_.sends_per_prefix = rules_.sends_per_country = rules_.sends_in_all = 1'000'000;
  open();
  for (int i = 0; i < kPairs; ++i) must(messenger_->register_user({.phone = number(i)}));
  std::mt19937_64 dice(7);
  std::array<std::vector<double>, 2> times;
  std::array<std::size_t, 2> sizes{};
  for (int i = 0; i < kPairs; ++i) {
    const std::size_t first = dice() % 2;
    for (const std::size_t unknown : {first, 1 - first}) {
      const std::string phone = number(unknown != 0 ? 1'000'000 + i : i);
      const auto begin = std::chrono::steady_clock::now();
      const auto asked = request(phone, {});
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - begin;
      // The queue of codes may be behind on a busy machine; everybody is told so then.
      if (!asked) continue;
      times.at(unknown).push_back(took.count());
      sizes.at(unknown) = std::max(sizes.at(unknown), asked->request_id.size());
    }
  }
  EXPECT_GT(times[0].size(), kPairs * 9 / 10);
  EXPECT_EQ(sizes[0], sizes[1]);
  EXPECT_LT(effect_size(times[0], times[1]), 0.1);
}

}  // namespace
}  // namespace msg
