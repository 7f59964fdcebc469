// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace msg::bench {

/// Options of a benchmark, "--name value" or a bare "--name". What no one has asked for by the time
/// of finish() is a mistake of the caller, who is then told the usage.
class Arguments {
 public:
  Arguments(int argc, char** argv, std::string usage);

  bool flag(const std::string& name);
  std::string text(const std::string& name, const std::string& otherwise = {});
  double number(const std::string& name, double otherwise);
  /// Comma-separated.
  std::vector<std::string> words(const std::string& name, const std::string& otherwise);
  std::vector<std::int64_t> numbers(const std::string& name, const std::string& otherwise);
  /// Ends the program when an option is left over, or --help was asked for.
  void finish();

 private:
  std::string usage_;
  std::multimap<std::string, std::string> given_;
};

}  // namespace msg::bench
