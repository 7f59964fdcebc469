// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <libpq-fe.h>
#include <rocksdb/version.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdio>

namespace msg::bench {
namespace {

void print_versions() {
  std::printf(
      "{\"versions\": {\"compiler\": \"%s\", \"sqlite\": \"%s\", \"rocksdb\": \"%d.%d.%d\", "
      "\"libpq\": \"%d.%d\"}}\n",
      __VERSION__, sqlite3_libversion(), ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH,
      PQlibVersion() / 10000, PQlibVersion() % 10000);
}

void print_json(const Row& row) {
  // No text of ours needs an escape.
  std::printf(R"({"bench": "%s", "store": "%s", "case": "%s", "unit": "%s")", row.bench.c_str(),
              row.store.c_str(), row.name.c_str(), row.unit.c_str());
  if (row.aim > 0) std::printf(", \"aim\": %g", row.aim);
  for (const auto& [name, value] : row.values) std::printf(", \"%s\": %.6g", name.c_str(), value);
  std::printf("}\n");
}

/// One of what compare() notes.
bool is_of_compare(std::string_view name) {
  if (name.starts_with("base_")) name.remove_prefix(5);
  return name.starts_with("rate") || name.starts_with("ratio") || name == "cpu_us" ||
         name == "p50_us" || name == "p99_us";
}

void print_text(const Row& row) {
  std::printf("%-7s %-9s %-28s", row.bench.c_str(), row.store.c_str(), row.name.c_str());
  if (row.value("ratio") > 0) {
    std::printf(" %9.0f %s, base %9.0f: ratio %5.2f (%.2f to %.2f)", row.value("rate"),
                row.unit.c_str(), row.value("base_rate"), row.value("ratio"),
                row.value("ratio_min"), row.value("ratio_max"));
    std::printf("; CPU %.1f, base %.1f us", row.value("cpu_us"), row.value("base_cpu_us"));
    std::printf("; p50 %.0f p99 %.0f, base p50 %.0f p99 %.0f us", row.value("p50_us"),
                row.value("p99_us"), row.value("base_p50_us"), row.value("base_p99_us"));
  }
  for (const auto& [name, value] : row.values) {
    if (row.value("ratio") > 0 && is_of_compare(name)) continue;
    std::printf(" %s %.6g", name.c_str(), value);
  }
  std::printf("\n");
}

}  // namespace

double Row::value(std::string_view value_name) const {
  const auto found = std::ranges::find(values, value_name, &std::pair<std::string, double>::first);
  return found == values.end() ? 0 : found->second;
}

Report::Report(bool json) : json_(json) {
  if (json_) print_versions();
}

void Report::add(const Row& row) const {
  if (json_) {
    print_json(row);
  } else {
    print_text(row);
  }
  std::fflush(stdout);
}

}  // namespace msg::bench
