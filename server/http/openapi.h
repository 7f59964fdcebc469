// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace msgd {

/// The text of openapi.json, put in at build time.
std::string_view openapi_document();

}  // namespace msgd
