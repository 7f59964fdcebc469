// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "msg/status.h"
#include "store/kv/kv_engine.h"

/// The number of what kv_keys.h and kv_codec.h describe, as a store says it in its "layout". A
/// layout that older code would misread has a higher number; one that only appends fields to
/// values has the same. A store has the lowest that tells the truth of it, so that a library which
/// knows no more can open it.
namespace msg::kv {

/// (1 and 2 had SipHash for XXH3; no release made them.)
inline constexpr std::int64_t kFirstLayout = 3;
/// With "origin" and writer runs, or with "import", which older code would not look for.
inline constexpr std::int64_t kCopyLayout = 4;
/// With changed messages, their index and revisions, annotations, extras of messages; maybe with
/// all of the above.
inline constexpr std::int64_t kChangesLayout = 5;
/// With members who have something of their own, or users without read receipts; maybe with all of
/// the above.
inline constexpr std::int64_t kOwnLayout = 6;
/// With side records, or users without a phone number; maybe with all of the above.
inline constexpr std::int64_t kSideLayout = 7;
/// With rules of groups, blocks, or members who read what was said before they joined; maybe with
/// all of the above.
inline constexpr std::int64_t kRulesLayout = 8;
/// With API keys that may not do everything, which older code would let; maybe with all of the
/// above.
inline constexpr std::int64_t kScopesLayout = 9;

/// corrupt: the store does not say its layout. conflict: it is later than what this code knows.
Result<void> require_known_layout(KvView& view);
/// The layout is this one, or stays the higher one that it is.
Result<void> raise_layout(KvBatch& batch, std::int64_t number);

}  // namespace msg::kv
