// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/system/error_code.hpp>

#include "msgctl/endpoint.h"

namespace msgctl {

/// How msgctl speaks TLS: 1.2 or 1.3, and only with a server whose certificate is for the name that
/// was asked for, and leads to an authority of the system or of `endpoint.ca_file`. There is no way
/// around that. Good for an endpoint without TLS too, and then unused.
/// bad_usage: the file cannot be read, or holds no certificates.
Outcome<void> prepare_tls(boost::asio::ssl::context& context, const Endpoint& endpoint);

/// Tells `stream`, an SSL stream, whom it will speak to.
template <class Stream>
boost::system::error_code expect_host(Stream& stream, const Endpoint& endpoint) {
  boost::system::error_code error;
  // Addresses have no place in SNI (RFC 6066 §3).
  if (endpoint.host.find_first_not_of("0123456789.") != std::string::npos &&
      endpoint.host.find(':') == std::string::npos) {
    ::SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(endpoint.host.c_str()));
  }
  stream.set_verify_callback(boost::asio::ssl::host_name_verification(endpoint.host), error);
  return error;
}

}  // namespace msgctl
