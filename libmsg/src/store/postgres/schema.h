// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace msg::postgres {

/// Migration N lifts a schema from number N-1 to N; each is one transaction. A published one is
/// never edited: databases out there carry it. `partitions` counts when the schema is made.
std::vector<std::string> migrations(int partitions);

}  // namespace msg::postgres
