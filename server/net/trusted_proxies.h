// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/options.h"
#include "ops/ip_address.h"

namespace msgd {

/// Who a request comes from when proxies pass it on. What a peer says about others is believed only
/// if the peer is one of `proxies.ranges`, and then from the nearest hop outwards until the first
/// that is not: what lies behind that one anybody may have written. Only the header that the
/// proxies are said to write counts, because they may pass the other one on as it came.
///
/// `fields`: of the request, names in lower case. A hop that is no address ends the search.
IpAddress client_address(const TrustedProxies& proxies, const IpAddress& peer,
                         const std::vector<std::pair<std::string, std::string>>& fields);

/// Whether the peer is one of the proxies.
bool is_trusted(const TrustedProxies& proxies, const IpAddress& peer);

}  // namespace msgd
