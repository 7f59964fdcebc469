// SPDX-License-Identifier: Apache-2.0
#include "support/citus.h"

#include <cstdlib>
#include <stdexcept>

#include "msg/messenger.h"
#include "store/postgres/placement.h"
#include "support/postgres_server.h"

namespace msg::test {

const std::optional<Citus>& Citus::named_by_environment() {
  static const std::optional<Citus> named = []() -> std::optional<Citus> {
    const char* url = std::getenv("MSG_TEST_CITUS_URL");
    if (url == nullptr) return std::nullopt;
    return Citus(url);
  }();
  return named;
}

std::string Citus::url_in(const std::string& schema) const {
  const std::string separator = url_.contains('?') ? "&" : "?";
  return url_ + separator + "options=-csearch_path%3D" + schema + ",public";
}

std::string Citus::make_schema(const std::string& name) const {
  ForeignSession session(url_in(name));
  session.query("DROP SCHEMA IF EXISTS " + name + " CASCADE");
  session.query("CREATE SCHEMA " + name);
  // A statement of this one waits for others that spread their tables.
  return url_in(name) + "&msg_partitions=2&msg_timeout_ms=30000";
}

void Citus::spread(const std::string& name) const {
  ForeignSession session(url_in(name));
  session.query("SET citus.shard_count = 4");
  for (const std::string& sql : postgres::spreading_statements()) session.query(sql);
}

void Citus::gather(const std::string& name) const {
  ForeignSession session(url_in(name));
  for (const auto& [table, column, why] : postgres::placements()) {
    if (column.empty()) continue;
    session.query("SELECT undistribute_table('" + std::string(table) + "')");
  }
}

std::string Citus::make_place(const std::string& name) const {
  ForeignSession session(url_in(name));
  const std::string made = "SELECT 1 FROM pg_namespace WHERE nspname = '" + name + "'";
  if (session.query(made) == "1") return url_in(name) + "&msg_timeout_ms=30000";
  const std::string url = make_schema(name);
  if (const auto store = open(url); !store) throw std::runtime_error(store.error().detail);
  spread(name);
  return url;
}

}  // namespace msg::test
