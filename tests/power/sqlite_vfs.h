// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace msg::power {

/// From now on SQLite's files are noted, and fail, as the mounted Disk says; those that are not on
/// it are the system's as before.
void watch_sqlite();

}  // namespace msg::power
