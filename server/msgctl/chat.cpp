// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat.h"

namespace msgctl {
Outcome<Exit> chat(const Globals&, const Chat&) {
  return Exit::ok;
}
}  // namespace msgctl
