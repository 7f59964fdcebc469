// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "model/answer.h"

namespace msg::test {

/// Compares what a store answers with what the model does, over a whole sequence: the versions of
/// the store must be those of the model by other numbers, in the same order.
class Comparison {
 public:
  /// What is different, for people; empty when nothing is.
  std::string find_difference(const Answer& expected, const Answer& actual);

 private:
  bool take_version(Version model, Version real);

  std::map<Version, Version> real_versions_;
};

}  // namespace msg::test
