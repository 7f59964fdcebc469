// SPDX-License-Identifier: Apache-2.0
#include "msg/maintenance.h"

#include <sodium.h>

#include "core/limits.h"
#include "maintenance/copy_store.h"

namespace msg {
namespace {

/// Errors of opening speak of "url", of which there are two.
Result<std::unique_ptr<Store>> open_side(std::string_view url, const Options& options,
                                         Purpose purpose, std::string_view side) {
  auto opened = open_store(url, options, purpose);
  if (opened) return opened;
  Error error = std::move(opened).error();
  error.detail = "the " + std::string(side) + ": " + error.detail;
  return std::unexpected(std::move(error));
}

}  // namespace

Result<CopyReport> copy_store(std::string_view from, std::string_view to,
                              const CopyOptions& options) {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium finds no source of randomness.");
  MSG_CHECK(check_options(options.store));
  if (from == to) return fail(Code::invalid_argument, "A store is no copy of itself.", "to");
  MSG_TRY(const auto source, open_side(from, options.store, Purpose::inspect, "source"));
  CopyReport report;
  {
    MSG_TRY(const auto target, open_side(to, options.store, Purpose::import, "target"));
    MSG_TRY(report, copy_store(*source, *target, options));
  }
  if (!options.verify) return report;
  MSG_TRY(const auto target, open_side(to, options.store, Purpose::inspect, "target"));
  MSG_CHECK(compare_stores(*source, *target, options, report));
  return report;
}

Result<CheckReport> check_store(std::string_view url, const CheckOptions& options) {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium finds no source of randomness.");
  MSG_CHECK(check_options(options.store));
  MSG_TRY(const auto store, open_store(url, options.store, Purpose::inspect));
  return check_store(*store, options);
}

}  // namespace msg
