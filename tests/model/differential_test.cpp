// SPDX-License-Identifier: Apache-2.0
// The same sequence of operations on a store and on the model: every answer must be the same.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <memory>
#include <sstream>

#include "model/compare.h"
#include "model/generator.h"
#include "model/player.h"
#include "support/backends.h"

namespace msg::test {
namespace {

struct Sequence {
  std::uint64_t seed{};
  int steps{};
};

/// MSG_MODEL_SEED and MSG_MODEL_STEPS, or three that never change.
std::vector<Sequence> sequences(const Backend& backend) {
  // NOLINTBEGIN(concurrency-mt-unsafe): nothing here changes the environment
  const char* const seed = std::getenv("MSG_MODEL_SEED");
  const char* const steps = std::getenv("MSG_MODEL_STEPS");
  // NOLINTEND(concurrency-mt-unsafe)
  // A commit through a server takes several times as long as one into a file.
  const int usual = backend.shared ? kFixedSteps / 2 : kFixedSteps;
  const int count = steps ? std::atoi(steps) : usual;
  if (seed) return {{std::strtoull(seed, nullptr, 10), count}};
  std::vector<Sequence> fixed;
  fixed.reserve(kFixedSeeds.size());
  for (const auto fixed_seed : kFixedSeeds) fixed.push_back({fixed_seed, count});
  return fixed;
}

/// A store and the model, side by side.
class SideBySide {
 public:
  SideBySide(const Backend& backend, const Sequence& sequence)
      : backend_(backend),
        sequence_(sequence),
        options_(make_options()),
        model_(options_),
        generator_(sequence.seed, model_, expected_.cursors()) {
    open_store();
  }

  testing::AssertionResult run() {
    for (int number = 1; number <= sequence_.steps; ++number) {
      const Step step = generator_.next();
      clock_ += step.clock.count();
      if (auto compared = compare(number, step.operation); !compared) return compared;
    }
    return compare_all_screens();
  }

 private:
  Options make_options() {
    Options options{.limits = limits_for(sequence_.seed)};
    options.clock = [this] { return kStart + std::chrono::milliseconds{clock_}; };
    return options;
  }

  void open_store() {
    messenger_.reset();
    auto opened = open(backend_.url(directory_.path()), options_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    messenger_ = std::move(*opened);
    if (actual_) {
      actual_->set_facade(*messenger_);
    } else {
      actual_ = std::make_unique<Player<Messenger>>(*messenger_);
    }
  }

  testing::AssertionResult compare(int number, const Operation& operation) {
    note(number, operation);
    if (std::holds_alternative<Reopen>(operation) && backend_.durable) open_store();
    const Answer expected = expected_.play(operation);
    const Answer actual = actual_->play(operation);
    const std::string difference = comparison_.find_difference(expected, actual);
    if (difference.empty()) return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure();
    failure << "seed " << sequence_.seed << ", step " << number << ": " << describe(operation)
            << "\nThe model says:" << expected.text << "\nThe store says:" << actual.text << "\n"
            << difference << "\nBefore that:";
    for (const auto& line : recent_) failure << "\n  " << line;
    return failure << "\nReplay: MSG_MODEL_SEED=" << sequence_.seed
                   << " MSG_MODEL_STEPS=" << std::min(number, sequence_.steps)
                   << " model_tests --gtest_filter='*/" << backend_.name << "'";
  }

  /// Every user's device, as it is and a new one.
  testing::AssertionResult compare_all_screens() {
    for (const auto& [user, unused] : model_.users()) {
      for (const int back : {0, 1000}) {
        const CatchUp op{.user = user, .limit = 2, .back = back};
        if (auto compared = compare(sequence_.steps + 1, op); !compared) return compared;
      }
    }
    return testing::AssertionSuccess();
  }

  void note(int number, const Operation& operation) {
    constexpr std::size_t kKept = 12;
    std::ostringstream line;
    line << number << " at " << clock_ << " ms: " << describe(operation);
    recent_.push_back(line.str());
    if (recent_.size() > kKept) recent_.pop_front();
  }

  const Backend& backend_;
  const Sequence sequence_;
  std::atomic<std::int64_t> clock_{0};
  const Options options_;
  TemporaryDirectory directory_;
  std::unique_ptr<Messenger> messenger_;
  std::unique_ptr<Player<Messenger>> actual_;
  Model model_;
  Player<Model> expected_{model_};
  Comparison comparison_;
  std::deque<std::string> recent_;
  Generator generator_;
};

class Differential : public testing::TestWithParam<Backend> {};

TEST_P(Differential, EveryAnswerIsTheModels) {
  for (const auto& sequence : sequences(GetParam())) {
    SideBySide both(GetParam(), sequence);
    ASSERT_TRUE(both.run());
  }
}

MSG_FOR_EACH_BACKEND(Differential);

}  // namespace
}  // namespace msg::test
