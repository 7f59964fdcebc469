// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace msg::bench {

/// What this process has used so far.
double cpu_seconds();
/// What that one and its children have used so far, those that have ended included.
double cpu_seconds_of(pid_t process);
/// Bytes handed to write() and its like.
std::int64_t written_bytes();
std::int64_t resident_bytes();
std::int64_t resident_peak_bytes();

/// What the disk under the temporary folder takes to sync 4 KiB now, the median of a few.
double disk_sync_us();

/// Waits until nothing works in the background any more (compaction, mostly), a minute at most.
void settle();

}  // namespace msg::bench
