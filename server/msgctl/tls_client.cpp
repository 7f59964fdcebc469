// SPDX-License-Identifier: Apache-2.0
#include "msgctl/tls_client.h"

#include <openssl/ssl.h>

namespace msgctl {

namespace ssl = boost::asio::ssl;

Outcome<void> prepare_tls(ssl::context& context, const Endpoint& endpoint) {
  boost::system::error_code error;
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(ssl::verify_peer, error);
  if (endpoint.ca_file.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(endpoint.ca_file, error);
    if (error) return bad_usage("No certificates in " + endpoint.ca_file + ": " + error.message());
  }
  return {};
}

}  // namespace msgctl
