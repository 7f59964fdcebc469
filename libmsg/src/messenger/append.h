// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "commit/committer.h"
#include "msg/requests.h"

namespace msg {

/// Appends what a sender wants to say to its conversation, once for each client_id, and tells its
/// members. The draft was checked; `request` says which one it is. `forward`: it was not written
/// here.
Result<Message> append(Batch& batch, const Draft& draft, const IdempotencyRow& request,
                       const std::optional<Forward>& forward = {});

/// What that will read.
WorkHint hint_of(const Draft& draft);

/// A message sent before under that client_id, whatever it was.
bool is_same_request(const IdempotencyRow& request, const IdempotencyRow& earlier);

}  // namespace msg
