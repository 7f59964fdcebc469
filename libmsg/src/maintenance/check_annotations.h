// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "maintenance/findings.h"
#include "maintenance/record_stream.h"
#include "msg/types.h"

namespace msg {

/// Whether the annotations of a conversation belong to its messages, and its messages count the
/// reactions that are there. It is shown the messages one by one.
///
/// Lifetime: what it is made of must outlive it. Thread safety: none.
class AnnotationCheck {
 public:
  AnnotationCheck(RecordStream& annotations, Findings& findings, ConversationId conversation)
      : annotations_(annotations), findings_(findings), conversation_(conversation) {}

  /// In the order of seq.
  Result<void> take(const Message& message);
  Result<void> finish() { return skip(std::numeric_limits<std::int64_t>::max()); }

 private:
  Result<void> skip(std::int64_t before);

  RecordStream& annotations_;
  Findings& findings_;
  ConversationId conversation_;
};

}  // namespace msg
