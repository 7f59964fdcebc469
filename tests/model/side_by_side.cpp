// SPDX-License-Identifier: Apache-2.0
#include "model/side_by_side.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace msg::test {

std::vector<Sequence> sequences(const Backend& backend, int usual_steps) {
  // NOLINTBEGIN(concurrency-mt-unsafe): nothing here changes the environment
  const char* const seed = std::getenv("LIBMSG_MODEL_SEED");
  const char* const steps = std::getenv("LIBMSG_MODEL_STEPS");
  // NOLINTEND(concurrency-mt-unsafe)
  // A commit through a server takes several times as long as one into a file.
  const int usual = backend.shared ? usual_steps / 2 : usual_steps;
  const int count = steps ? std::atoi(steps) : usual;
  if (seed) return {{std::strtoull(seed, nullptr, 10), count}};
  std::vector<Sequence> fixed;
  fixed.reserve(kFixedSeeds.size());
  for (const auto fixed_seed : kFixedSeeds) fixed.push_back({fixed_seed, count});
  return fixed;
}

SideBySide::SideBySide(const Backend& backend, const Sequence& sequence,
                       std::shared_ptr<Cache> cache)
    : backend_(backend),
      sequence_(sequence),
      options_(make_options(std::move(cache))),
      model_(options_),
      generator_(sequence.seed, model_, expected_.cursors()) {
  open_store();
}

testing::AssertionResult SideBySide::step() {
  const Step step = generator_.next();
  clock_ += step.clock.count();
  ++steps_;
  return compare(step.operation);
}

testing::AssertionResult SideBySide::compare_all_screens() {
  for (const auto& [user, unused] : model_.users()) {
    for (const int back : {0, 1000}) {
      const CatchUp op{.user = user, .limit = 2, .back = back};
      if (auto compared = compare(op); !compared) return compared;
    }
  }
  return testing::AssertionSuccess();
}

std::string SideBySide::replay(const std::string& test) const {
  return "Replay: LIBMSG_MODEL_SEED=" + std::to_string(sequence_.seed) +
         " LIBMSG_MODEL_STEPS=" + std::to_string(steps_) + " model_tests --gtest_filter='*" + test +
         "*/" + backend_.name + "'";
}

Options SideBySide::make_options(std::shared_ptr<Cache> cache) {
  Options options{.limits = limits_for(sequence_.seed)};
  options.cache = std::move(cache);
  // Lists are kept, and make room for each other.
  options.list_cache_from = 2;
  options.list_cache_max = 40;
  options.clock = [this] { return kStart + std::chrono::milliseconds{clock_}; };
  return options;
}

void SideBySide::open_store() {
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

testing::AssertionResult SideBySide::compare(const Operation& operation) {
  note(operation);
  if (std::holds_alternative<Reopen>(operation) && backend_.durable) {
    on_close_();
    open_store();
  }
  const Answer expected = expected_.play(operation);
  const Answer actual = actual_->play(operation);
  const std::string difference = comparison_.find_difference(expected, actual);
  if (difference.empty()) return testing::AssertionSuccess();
  auto failure = testing::AssertionFailure();
  failure << "seed " << sequence_.seed << ", step " << steps_ << ": " << describe(operation)
          << "\nThe model says:" << expected.text << "\nThe store says:" << actual.text << "\n"
          << difference << "\nBefore that:";
  for (const auto& line : recent_) failure << "\n  " << line;
  return failure << "\n" << replay("EveryAnswerIsTheModels");
}

void SideBySide::note(const Operation& operation) {
  constexpr std::size_t kKept = 12;
  std::ostringstream line;
  line << steps_ << " at " << clock_ << " ms: " << describe(operation);
  recent_.push_back(line.str());
  if (recent_.size() > kKept) recent_.pop_front();
}

}  // namespace msg::test
