// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "store/store.h"

namespace msg {

/// Who gave the versions of a conversation, ascending, one run for each change of writer. It is
/// all that a copy needs to know of several writers: see docs/adr/0012.
Result<void> for_each_writer_run(Snapshot& snapshot, const Stamped<ConversationRow>& head,
                                 const std::function<Result<void>(const WriterRun&)>& take);

}  // namespace msg
