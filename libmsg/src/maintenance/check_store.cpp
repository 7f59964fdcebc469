// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_conversations.h"
#include "maintenance/check_people.h"
#include "maintenance/check_side_records.h"
#include "maintenance/check_ways.h"
#include "maintenance/copy_store.h"

namespace msg {

Result<CheckReport> check_store(Store& store, const CheckOptions& options) {
  CheckReport report;
  Findings findings(report, options);
  findings.tell("the files", 0, 0);
  MSG_TRY(auto damage, store.inspect());
  for (std::string& line : damage) findings.add(std::move(line));
  MSG_TRY(const auto snapshot, store.snapshot());
  MSG_TRY(const Horizon horizon, snapshot->horizon());
  MSG_CHECK(check_people(*snapshot, horizon, findings));
  MSG_CHECK(check_ways(*snapshot, findings));
  MSG_CHECK(check_side_records(*snapshot, findings));
  MSG_CHECK(check_conversations(*snapshot, horizon, findings));
  return report;
}

}  // namespace msg
