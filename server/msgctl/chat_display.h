// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "msgctl/chat_model.h"

namespace msgctl {

/// Where a chat is shown.
///
/// Thread safety: none.
class ChatDisplay {
 public:
  virtual ~ChatDisplay() = default;

  virtual void show(const Show& show) = 0;
  virtual void online() = 0;
  virtual void offline(const std::string& why) = 0;
  /// The window has another size, or belongs to us again.
  virtual void window_changed() = 0;
};

}  // namespace msgctl
