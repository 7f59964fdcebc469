// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/compare.h"
#include "model/generator.h"
#include "model/player.h"
#include "support/backends.h"

namespace msg::test {

struct Sequence {
  std::uint64_t seed{};
  int steps{};
};

/// LIBMSG_MODEL_SEED and LIBMSG_MODEL_STEPS, or the fixed seeds with `usual_steps`.
std::vector<Sequence> sequences(const Backend& backend, int usual_steps);

/// A store and the model, side by side: the same sequence of operations goes to both, and every
/// answer must be the same. One thread.
class SideBySide {
 public:
  SideBySide(const Backend& backend, const Sequence& sequence,
             std::shared_ptr<Cache> cache = nullptr);

  /// The next operation of the sequence.
  testing::AssertionResult step();
  /// Every user's device, as it is and a new one.
  testing::AssertionResult compare_all_screens();

  /// How often step() was called.
  int steps() const { return steps_; }
  /// Changes its address when the sequence has the store closed and opened again.
  Messenger& messenger() { return *messenger_; }
  const Model& model() const { return model_; }
  const Limits& limits() const { return options_.limits; }
  /// Called just before the store is closed; what refers to messenger() ends there.
  void on_close(std::function<void()> callback) { on_close_ = std::move(callback); }
  /// How the test named like that is run again up to here.
  std::string replay(const std::string& test) const;

 private:
  Options make_options(std::shared_ptr<Cache> cache);
  void open_store();
  testing::AssertionResult compare(const Operation& operation);
  void note(const Operation& operation);

  const Backend& backend_;
  const Sequence sequence_;
  int steps_{0};
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
  std::function<void()> on_close_ = [] {};
};

}  // namespace msg::test
