// SPDX-License-Identifier: Apache-2.0
#include "msg/maintenance.h"
#include "store/postgres/plan.h"
#include "store/postgres/postgres_store.h"

namespace msg {

Result<std::string> plan_schema(std::string_view url) {
  if (is_postgres_url(url)) return plan_postgres_schema(url);
  return fail(Code::invalid_argument,
              "Only a PostgreSQL has a plan: an embedded store is migrated by who opens it.",
              "url");
}

}  // namespace msg
