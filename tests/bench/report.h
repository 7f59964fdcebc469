// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace msg::bench {

/// One line of a result: what was measured on which store, and its figures by name.
struct Row {
  std::string bench;
  std::string store;
  std::string name;
  std::string unit;
  double aim{0};  ///< The ratio wished for; 0: none.
  std::vector<std::pair<std::string, double>> values{};

  void note(const std::string& value_name, double value) { values.emplace_back(value_name, value); }
  [[nodiscard]] double value(std::string_view value_name) const;
};

/// Prints rows as they come: for people, or as JSON, one object a line.
class Report {
 public:
  explicit Report(bool json);
  void add(const Row& row) const;

 private:
  bool json_;
};

}  // namespace msg::bench
