// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "msg/types.h"

namespace msg {

/// Enough of an answered message to show it.
Quote quote_of(const Message& answered);

}  // namespace msg
