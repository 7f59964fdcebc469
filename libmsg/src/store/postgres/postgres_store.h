// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "msg/options.h"
#include "msg/status.h"
#include "store/store.h"

namespace msg {

inline bool is_postgres_url(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

/// A store in a PostgreSQL database, made when there is none. Any number of processes may have it
/// open and write at once. `url` is libpq's (postgresql://…, several hosts too), with parameters of
/// our own; docs/operating.md lists them.
///
/// invalid_argument: not such a URL. unavailable: no server that takes writes. conflict: the schema
/// is newer, or older with Options::migrate off. No error repeats a password.
///
/// Lifetime: snapshots and transactions must end before the store.
Result<std::unique_ptr<Store>> open_postgres_store(std::string_view url, const Options& options,
                                                   Purpose purpose = Purpose::use);

}  // namespace msg
