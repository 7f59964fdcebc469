// SPDX-License-Identifier: Apache-2.0
#include "msgctl/endpoint.h"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>
#include <string>

#include "msg/status.h"

namespace msgctl {
namespace {

namespace urls = boost::urls;

Outcome<urls::url_view> parse(std::string_view url) {
  const auto parsed = urls::parse_uri(url);
  if (!parsed) return bad_usage("This is not a URL: " + std::string{url});
  return *parsed;
}

}  // namespace

std::string Endpoint::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  const std::string name = v6 ? "[" + host + "]" : host;
  return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

Outcome<Endpoint> parse_endpoint(std::string_view url) {
  MSG_TRY(const urls::url_view view, parse(url));
  const bool tls = view.scheme() == "https";
  if ((!tls && view.scheme() != "http") || view.host().empty()) {
    return bad_usage("A server's URL looks like http://127.0.0.1:3000, not " + std::string{url});
  }
  if (view.has_userinfo() || view.has_query() || view.has_fragment()) {
    return bad_usage("The server's URL has a host, a port and a path, nothing else.");
  }
  Endpoint endpoint;
  endpoint.host = view.host_address();
  endpoint.tls = tls;
  endpoint.port = view.has_port() ? std::string{view.port()} : tls ? "443" : "80";
  endpoint.prefix = view.encoded_path();
  while (endpoint.prefix.ends_with('/')) endpoint.prefix.pop_back();
  return endpoint;
}

std::string url_escape(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

}  // namespace msgctl
