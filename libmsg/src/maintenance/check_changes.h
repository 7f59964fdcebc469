// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/findings.h"
#include "maintenance/record_stream.h"
#include "maintenance/tally.h"
#include "store/store.h"

namespace msg {

/// Whether the change index of a conversation leads to each changed message and to nothing else,
/// and whether its revisions are those of its messages. It is shown the messages one by one.
///
/// Lifetime: what it is made of must outlive it. Thread safety: none.
class ChangeCheck {
 public:
  struct Sources {
    Snapshot& snapshot;
    RecordStream& changes;
    RecordStream& revisions;
    const Horizon& horizon;
    Findings& findings;
  };
  ChangeCheck(const Sources& from, const ConversationRow& head) : from_(from), head_(head) {}

  /// In the order of seq.
  Result<void> take(const Message& message);
  /// `is_complete`: all messages were taken.
  Result<void> finish(bool is_complete);

 private:
  bool is_here(const Record* record) const;
  Result<void> skip_revisions(std::int64_t before);
  void check_revisions(const RevisionsRow& row, const Message& message);
  Result<Tally> take_index();
  Result<void> explain();

  const Sources from_;
  const ConversationRow& head_;
  const Tally::Key key_ = Tally::make_key();
  Tally wanted_{key_};
  Version newest_{};
};

}  // namespace msg
