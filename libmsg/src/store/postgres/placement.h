// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace msg::postgres {

/// Where a table is when the messages are spread over the machines of a Citus by conversation_id.
struct Placement {
  std::string_view table;
  std::string_view column;  ///< By whose hash its rows are spread. Empty: all on the coordinator.
  std::string_view why;
};

/// Of every table of the schema.
std::span<const Placement> placements();

/// What spreads the tables on a Citus, one statement after the other: the first table leads, the
/// others go where it goes.
std::vector<std::string> spreading_statements();

/// Whom a statement asks, then.
enum class Reach {
  coordinator,
  one_shard,
  named_shards,  ///< Those of the conversations that an array or a join names.
  mixed,         ///< A shard and the coordinator.
  all_shards,    ///< It does not say of which conversation.
};

/// Read from the text: whether each spread table is held to a value of its column. A text as those
/// of statements.h are, no SQL of anybody's.
Reach reach_of(std::string_view sql);

}  // namespace msg::postgres
