// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <span>

#include "app.h"
#include "config.h"
#include "migrate.h"
#include "net/server.h"
#include "ops/log.h"

namespace {

constexpr int kRuntimeFailure = 1;

int run(msgd::Config config) {
  auto app = msgd::App::open(std::move(config));
  if (!app) {
    msgd::log_error("start.failed", {{"why", app.error()}});
    return kRuntimeFailure;
  }
  if (const auto bound = (*app)->start(); !bound) {
    msgd::log_error("start.failed", {{"why", bound.error()}});
    return kRuntimeFailure;
  }
  const int signal = msgd::wait_for_signal([&] { (*app)->reload(); });
  msgd::log_info("stopping", {{"signal", signal}});
  (*app)->stop();
  app->reset();
  msgd::log_info("stopped");
  return 0;
}

}  // namespace

/// 0: ended when asked to. 1: could not run. 2: was told something it does not understand.
int main(int argc, char** argv) {
  try {
    const std::span<const char* const> line(argv, static_cast<std::size_t>(argc));
    if (msgd::asks_to_migrate(line)) return msgd::run_migrate(line);
    auto config = msgd::load_config(argc, argv, msgd::process_environment());
    if (!config) {
      const auto& why = config.error();
      std::fputs(why.text.c_str(), why.code == 0 ? stdout : stderr);
      return why.code;
    }
    msgd::configure_log({.level = config->log_level, .format = config->log_format});
    return run(std::move(*config));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "msgd: %s\n", error.what());
    return kRuntimeFailure;
  }
}
