// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "msg/types.h"

namespace msg::test {

/// Between the ids of a store and those of the model, which are 1, 2, 3 … in the order in which
/// they are first seen. An id the store should not have given gets a number that the model never
/// had at that point, and so a difference shows.
template <class Id>
class IdNames {
 public:
  Id to_model(Id real) {
    const auto [entry, is_new] = models_.try_emplace(real, Id{to_int(last_) + 1});
    if (is_new) reals_[last_ = entry->second] = real;
    return entry->second;
  }
  /// One that nobody has stands for itself: no real id is that small.
  Id to_real(Id model) const {
    const auto found = reals_.find(model);
    return found == reals_.end() ? model : found->second;
  }

 private:
  Id last_{};
  std::map<Id, Id> models_;
  std::map<Id, Id> reals_;
};

struct Names {
  IdNames<UserId> users;
  IdNames<ConversationId> conversations;
};

}  // namespace msg::test
