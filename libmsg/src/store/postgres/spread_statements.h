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

/// Citus commits in two phases when a commit has written by COPY, as it does for INSERT … SELECT,
/// and then on those connections that it knows to have changed something. Of a COPY over a
/// connection that has been read from before it does not know (12.1): it would be committed after
/// the coordinator, in one phase, and a machine that fails between loses it. This finds no row, and
/// changes as much as is needed for it to be known.
inline constexpr const char* kTouchShards =
    "DELETE FROM time_mark WHERE conversation_id = ANY ($1::int8[]) AND version = 0";

/// In the order of the array.
inline constexpr const char* kLockSpreadConversations =
    "SELECT pg_advisory_xact_lock(id) FROM unnest($1::int8[]) AS k(id)";

#undef MSG_COMMIT_LOCK

}  // namespace msg::postgres
