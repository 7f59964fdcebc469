// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "msg/status.h"

namespace msg::test {

/// The value of a result that must be one.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(to_string(result.error().code)) + ": " +
                             result.error().detail);
  }
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().detail);
}

template <class T>
testing::AssertionResult refuses(const Result<T>& result, Code code, const std::string& words) {
  if (result) return testing::AssertionFailure() << "succeeded";
  const Error& error = result.error();
  if (error.code == code && error.detail.contains(words)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << to_string(error.code) << ": " << error.detail;
}

}  // namespace msg::test
