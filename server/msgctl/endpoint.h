// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "msgctl/failure.h"

namespace msgctl {

/// Where a server is.
struct Endpoint {
  std::string host;  ///< Name or address, without the brackets of IPv6.
  std::string port;
  std::string prefix;  ///< Of every path, "" or "/something", for servers behind a proxy.
  bool tls{false};
  std::string ca_file;  ///< Of the authorities to believe instead of the system's; may be empty.

  /// What the Host header says.
  std::string authority() const;
  std::string url() const { return (tls ? "https://" : "http://") + authority() + prefix; }
};

/// Takes "http://HOST[:PORT][/PREFIX]", or the same with https. Everything else is wrong usage.
Outcome<Endpoint> parse_endpoint(std::string_view url);

/// A piece of a path or of a query, with everything but unreserved characters escaped.
std::string url_escape(std::string_view text);

}  // namespace msgctl
