// SPDX-License-Identifier: Apache-2.0
//
//   pack = *( path LF type LF etag LF size SP gzip-size LF bytes gzip-bytes )
#include "page/web_page.h"

#include <charconv>
#include <cstddef>
#include <utility>

#include "http/errors.h"
#include "http/header_text.h"

namespace msgd {
namespace {

/// Everything is of this origin and in a file of its own; nothing is framed, and no text becomes
/// markup or a program. connect-src 'self' has the WebSocket, too.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";
constexpr const char* kPermissions =
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()";
constexpr const char* kMethods = "GET, HEAD, OPTIONS";

std::string_view take_until(std::string_view& rest, char end) {
  const auto at = rest.find(end);
  if (at == std::string_view::npos) return std::exchange(rest, {});
  const auto part = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return part;
}

std::optional<std::string_view> take_bytes(std::string_view& rest, std::string_view size) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), count);
  if (error != std::errc{} || end != size.data() + size.size() || count > rest.size()) return {};
  const auto part = rest.substr(0, count);
  rest.remove_prefix(count);
  return part;
}

/// Whether one of the tags in If-None-Match is this one (RFC 9110 §13.1.2: compared weakly).
bool has_tag(std::string_view header, std::string_view quoted) {
  while (!header.empty()) {
    auto tag = trim(take_until(header, ','));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == quoted || tag == "*") return true;
  }
  return false;
}

bool takes_gzip(const Request& request) {
  auto codings = request.header("accept-encoding").value_or(std::string_view{});
  while (!codings.empty()) {
    const auto coding = trim(take_until(codings, ','));
    // Whoever weighs it at all is rare, and gets it as it is.
    if (equal_ignoring_case(coding, "gzip")) return true;
  }
  return false;
}

}  // namespace

WebPage::WebPage(std::string_view pack) {
  while (!pack.empty()) {
    const auto path = take_until(pack, '\n');
    File file{
        .type = take_until(pack, '\n'), .etag = take_until(pack, '\n'), .bytes = {}, .gzip = {}};
    const auto size = take_until(pack, ' ');
    const auto gzip_size = take_until(pack, '\n');
    const auto bytes = take_bytes(pack, size);
    const auto gzip = take_bytes(pack, gzip_size);
    if (!bytes || !gzip) {
      files_.clear();
      return;
    }
    file.bytes = *bytes;
    file.gzip = *gzip;
    files_.emplace(path, file);
  }
}

std::optional<Response> WebPage::serve(const Request& request) const {
  const auto found = files_.find(request.path);
  if (found == files_.end()) return std::nullopt;
  Response response;
  if (request.method != "GET") {
    if (request.method == "OPTIONS") {
      response.status = 204;
    } else {
      response = to_response(
          Problem{405, "method_not_allowed", "This path does not have this method; see Allow."},
          request.request_id);
    }
    response.headers.emplace_back("Allow", kMethods);
    return response;
  }
  const File& file = found->second;
  const bool gzip = !file.gzip.empty() && takes_gzip(request);
  const auto tag = '"' + std::string{file.etag} + (gzip ? "-gzip\"" : "\"");
  // Names of assets have a hash of what is in them.
  const bool lasting = request.path.starts_with("/assets/");
  response.content_type = file.type;
  response.headers = {
      {"ETag", tag},
      {"Cache-Control", lasting ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"},
      {"Content-Security-Policy", kPolicy},
      {"Permissions-Policy", kPermissions},
      {"Cross-Origin-Opener-Policy", "same-origin"}};
  if (const auto known = request.header("if-none-match"); known && has_tag(*known, tag)) {
    response.status = 304;
    return response;
  }
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = gzip ? file.gzip : file.bytes;
  return response;
}

}  // namespace msgd
