// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Texts for statements.cpp about commits over several machines: see spread.h.
namespace msg::postgres {

#define MSG_COMMIT_LOCK "hashtext(current_schema()), "

inline constexpr const char* kAnnounceCommit =
    "SELECT pg_advisory_xact_lock(" MSG_COMMIT_LOCK "$1::int8::int4)";

/// Holds none of the locks any longer than it takes to know that nobody had it.
inline constexpr const char* kAwaitCommits =
    "SELECT pg_advisory_lock_shared(" MSG_COMMIT_LOCK
    "id::int4), pg_advisory_unlock_shared(" MSG_COMMIT_LOCK "id::int4) FROM writer";

/// In the order of the array.
inline constexpr const char* kLockSpreadConversations =
    "SELECT pg_advisory_xact_lock(id) FROM unnest($1::int8[]) AS k(id)";

#undef MSG_COMMIT_LOCK

}  // namespace msg::postgres
