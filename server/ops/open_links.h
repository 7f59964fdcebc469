// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace msgd {

/// The other machines that a store, bus or cache of this URL is reached on without anything that
/// insists on TLS: what is said to them, passwords included, may be read on the way.
std::vector<std::string> hosts_in_the_clear(std::string_view url);

/// Says so in the log, of each. `link` is what the URL is for.
void warn_of_open_link(std::string_view link, std::string_view url);

}  // namespace msgd
