// SPDX-License-Identifier: Apache-2.0
// The same sequence of operations on a store and on the model: every answer must be the same.
#include <gtest/gtest.h>

#include "model/side_by_side.h"

namespace msg::test {
namespace {

class Differential : public testing::TestWithParam<Backend> {};

TEST_P(Differential, EveryAnswerIsTheModels) {
  for (const auto& sequence : sequences(GetParam(), kFixedSteps)) {
    SideBySide both(GetParam(), sequence);
    while (both.steps() < sequence.steps) ASSERT_TRUE(both.step());
    ASSERT_TRUE(both.compare_all_screens());
  }
}

MSG_FOR_EACH_BACKEND(Differential);

}  // namespace
}  // namespace msg::test
