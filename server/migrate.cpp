// SPDX-License-Identifier: Apache-2.0
#include "migrate.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "config.h"
#include "msg/maintenance.h"
#include "msg/messenger.h"

namespace msgd {
namespace {

constexpr std::string_view kPlan = "--plan";

int failed(const msg::Error& error) {
  std::fprintf(stderr, "msgd migrate: %s\n", error.detail.c_str());
  return 1;
}

int migrate_store(const Config& config) {
  msg::Options options;
  options.node = config.node;
  const auto messenger = msg::open(config.store, options);
  if (!messenger) return failed(messenger.error());
  std::puts("The schema is this program's.");
  return 0;
}

int show_plan(const Config& config) {
  const auto plan = msg::plan_schema(config.store);
  if (!plan) return failed(plan.error());
  std::fputs(plan->c_str(), stdout);
  return 0;
}

}  // namespace

bool asks_to_migrate(std::span<const char* const> line) {
  return line.size() > 1 && std::string_view(line[1]) == "migrate";
}

int run_migrate(std::span<const char* const> line) {
  std::vector<const char*> options{line[0]};
  bool is_plan = false;
  for (const char* const word : line.subspan(2)) {
    if (word == kPlan) {
      is_plan = true;
    } else {
      options.push_back(word);
    }
  }
  const auto config =
      load_config(static_cast<int>(options.size()), options.data(), process_environment());
  if (!config) {
    std::fputs(config.error().text.c_str(), config.error().code == 0 ? stdout : stderr);
    return config.error().code;
  }
  return is_plan ? show_plan(*config) : migrate_store(*config);
}

}  // namespace msgd
