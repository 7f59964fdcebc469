// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "msg/status.h"
#include "store/sqlite/connection.h"

namespace msg::sqlite {

/// Makes sure of what an earlier process left of the database at `path`, before anybody reads it.
///
/// A killed process may leave commits in the log that it wrote and did not sync; after a failed
/// fsync the system even takes them for written. SQLite would show them at once and never sync
/// them, so that the next power cut takes back what was read or acknowledged since. Here the log's
/// bytes are written again as they are read, and synced, and so is the directory.
///
/// Call it under the lock of the file. `guard` is a writer that must be the only connection here,
/// and closed before others are opened: its view of the log goes with it, and they see what is
/// certain. unavailable: the disk refused.
Result<void> settle(const std::string& path, Connection& guard);

}  // namespace msg::sqlite
