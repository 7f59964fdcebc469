// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/postgres/connection.h"
#include "store/store.h"

namespace msg::postgres {

/// For a connection that is not used afterwards when this fails, as it may hold the lock.
///
/// Brings the schema to the newest number, however many processes open at once. conflict: it is
/// newer than this library, or older and `allowed` is false, or the database is not in UTF-8.
Result<void> migrate(Connection& connection, int partitions, bool allowed);

/// The store's identity, made by the first to ask, with a writer row for this process.
Result<StoreIdentity> load_identity(Connection& connection, int node);

}  // namespace msg::postgres
