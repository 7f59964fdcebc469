// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace msgd {

/// The text of asyncapi.json, put in at build time.
std::string_view asyncapi_document();

}  // namespace msgd
