// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace msg::test {

/// A store under test: how to name one in a fresh directory, whether it outlives its Messenger,
/// whether several may have it open.
struct Backend {
  std::string name;
  std::string (*url)(const std::filesystem::path& directory);
  bool durable;
  bool shared = false;
  bool is_one_view = true;  ///< A snapshot does not see messages of later, asked for by their ids.

  friend void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }
};
/// Every backend there is; the suites know none of them.
std::vector<Backend> backends();
std::vector<Backend> durable_backends();
/// Those whose store is files in the directory.
std::vector<Backend> file_backends();
/// Those that several processes may have open.
std::vector<Backend> shared_backends();

std::string print_backend(const testing::TestParamInfo<Backend>& info);

/// An empty directory in the temporary one, gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace msg::test

#define MSG_FOR_EACH_BACKEND(suite)                                                \
  INSTANTIATE_TEST_SUITE_P(Store, suite, testing::ValuesIn(msg::test::backends()), \
                           msg::test::print_backend)
#define MSG_FOR_EACH_DURABLE_BACKEND(suite)                                                \
  INSTANTIATE_TEST_SUITE_P(Store, suite, testing::ValuesIn(msg::test::durable_backends()), \
                           msg::test::print_backend)
#define MSG_FOR_EACH_FILE_BACKEND(suite)                                                \
  INSTANTIATE_TEST_SUITE_P(Store, suite, testing::ValuesIn(msg::test::file_backends()), \
                           msg::test::print_backend)
#define MSG_FOR_EACH_SHARED_BACKEND(suite)                                                \
  INSTANTIATE_TEST_SUITE_P(Store, suite, testing::ValuesIn(msg::test::shared_backends()), \
                           msg::test::print_backend)
