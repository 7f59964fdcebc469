// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg {

/// plan_schema() of a store in a PostgreSQL database.
Result<std::string> plan_postgres_schema(std::string_view url);

}  // namespace msg
