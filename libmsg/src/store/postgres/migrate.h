// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/postgres/connection.h"
#include "store/store.h"

namespace msg::postgres {

/// For a connection that is not used afterwards when this fails, as it may hold the lock.
///
/// Brings the schema to the newest number, however many processes open at once. A newer one stays
/// when it says that this library can work with it (Migration::oldest). conflict: it does not, or
/// it is older and `allowed` is false, or the database is not in UTF-8.
Result<void> migrate(Connection& connection, int partitions, bool allowed);

/// 0: there is no store.
Result<std::int64_t> schema_number(Connection& connection);

/// Whether there is a store, of whatever number.
Result<bool> has_schema(Connection& connection);

enum class Missing { is_made, is_an_error };
/// The store's identity, made by the first to ask, with a writer row for this process; or only
/// read, from a store that is not to be written to.
Result<StoreIdentity> load_identity(Connection& connection, int node,
                                    Missing missing = Missing::is_made);

}  // namespace msg::postgres
