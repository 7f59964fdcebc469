// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/varint.h"
#include "sign_in/phone_state.h"

namespace msg {

/// As put_guesses() wrote them.
Guesses read_guesses(ByteReader& reader);

}  // namespace msg
