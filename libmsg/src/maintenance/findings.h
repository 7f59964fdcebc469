// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "msg/maintenance.h"

namespace msg {

/// Takes down what a check finds: all are counted, some are kept in words.
class Findings {
 public:
  Findings(CheckReport& report, const CheckOptions& options) : report_(report), options_(options) {}

  void add(std::string problem) {
    ++report_.problem_count;
    if (report_.problems.size() < options_.problems_max) {
      report_.problems.push_back(std::move(problem));
    }
  }
  void tell(std::string_view table, std::int64_t rows, std::int64_t expected) const {
    if (!options_.progress) return;
    options_.progress(
        {.stage = Progress::Stage::checking, .table = table, .rows = rows, .expected = expected});
  }
  CheckReport& report() { return report_; }

 private:
  CheckReport& report_;
  const CheckOptions& options_;
};

}  // namespace msg
