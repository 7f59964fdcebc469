// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include "feed/hint.h"
#include "store/store.h"

namespace msg {

/// Fills in what hints name and the store has: the new messages, of all of them in one read,
/// however many receivers each has.
///
/// A message that is another by now than it was when sent stays a Concern, and so does all that
/// cannot be read: whom it concerns syncs.
class HintReader {
 public:
  /// Whether anybody here is to hear of a conversation: nothing is read for nobody.
  using IsWanted = std::function<bool(ConversationId)>;

  /// `store` must outlive it.
  HintReader(Store& store, IsWanted is_wanted) : store_(store), is_wanted_(std::move(is_wanted)) {}

  void fill(std::span<CommitHint> hints);

 private:
  Store& store_;
  const IsWanted is_wanted_;
};

}  // namespace msg
