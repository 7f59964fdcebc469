// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "store/store.h"

namespace msg {

/// Who gave the versions of a conversation, ascending, one run for each change of writer. It is
/// all that a copy needs to know of several writers: see docs/adr/0012.
///
/// Members come in the order of their users, not of their versions. So that memory does not grow
/// with them, no more than `stamps_max` are sorted at once; the members of a conversation that has
/// more, former ones included, are read again for each further so many.
Result<void> for_each_writer_run(Snapshot& snapshot, const Stamped<ConversationRow>& head,
                                 const std::function<Result<void>(const WriterRun&)>& take,
                                 std::size_t stamps_max = std::size_t{64} * 1024);

}  // namespace msg
