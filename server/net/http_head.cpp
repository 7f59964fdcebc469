// SPDX-License-Identifier: Apache-2.0
//
//   head         = [CRLF] request-line CRLF *( field-line CRLF ) CRLF
//   request-line = method SP target SP "HTTP/1." ("0" | "1")
//   field-line   = token ":" OWS value OWS
#include "net/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace msgd {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                      "PATCH", "DELETE", "OPTIONS"};
// The longest request line is the longest target and a method and version of sane size.
constexpr std::size_t kAroundTarget = 32;

bool is_token_char(char c) {
  const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alnum || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_value_char(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

bool is_target_char(char c) {
  return c > 0x20 && c < 0x7F && c != '#';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// host [":" port], without user information. Registered names are not looked at more closely.
bool is_host(std::string_view host) {
  std::string_view name = host;
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  if (host.starts_with('[') && bracket == std::string_view::npos) return false;
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    name = host.substr(0, colon);
    const std::string_view port = host.substr(colon + 1);
    if (port.size() > 5 ||
        !std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) {
      return false;
    }
  }
  if (bracket != std::string_view::npos) {
    if (name.size() != bracket + 1 || name.size() < 4) return false;
    return name.substr(1, bracket - 1).find_first_not_of("0123456789abcdefABCDEF:.") ==
           std::string_view::npos;
  }
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_token_char(c) ? c != '#' && c != '^' && c != '`' && c != '|'
                            : std::string_view("();=,").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

std::optional<std::string_view> HttpHead::field(std::string_view name) const {
  const auto found =
      std::ranges::find(fields, name, [](const auto& f) -> std::string_view { return f.first; });
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

bool HttpHead::has_token(std::string_view name, std::string_view token) const {
  for (const auto& [field_name, value] : fields) {
    if (field_name != name) continue;
    for (std::string_view list = value; !list.empty();) {
      if (equal_ignoring_case(next_element(list), token)) return true;
    }
  }
  return false;
}

HeadParser::Status HeadParser::fail(int status, std::string_view code, std::string_view detail) {
  fault_ = {.status = status, .code = code, .detail = detail};
  return Status::failed;
}

HeadParser::Status HeadParser::parse(std::string_view bytes) {
  // A TLS greeting or other noise never sends a line end: do not wait for one.
  if (line_start_ == 0 && !bytes.empty() && bytes[0] != '\r' && bytes[0] != '\n' &&
      !is_token_char(bytes[0])) {
    return fail("This is not an HTTP request.");
  }
  for (;;) {
    const std::size_t newline = bytes.find('\n', scanned_);
    const std::size_t end = newline == std::string_view::npos ? bytes.size() : newline + 1;
    if (end > limits_->head_bytes_max) {
      return have_request_line_ || newline != std::string_view::npos
                 ? fail(431, "header_too_large", "The header is too large.")
                 : too_long(end);
    }
    if (end - line_start_ > limits_->line_bytes_max || !have_request_line_) {
      if (Status status = too_long(end - line_start_); status == Status::failed) return status;
    }
    scanned_ = end;
    if (newline == std::string_view::npos) return Status::need_more;
    if (newline == line_start_ || bytes[newline - 1] != '\r') {
      return fail("A line must end in CR LF.");
    }
    const std::string_view line = bytes.substr(line_start_, newline - 1 - line_start_);
    line_start_ = end;
    if (Status status = take_line(line); status != Status::need_more) return status;
  }
}

HeadParser::Status HeadParser::too_long(std::size_t pending) {
  if (!have_request_line_) {
    if (pending <= limits_->target_bytes_max + kAroundTarget) return Status::need_more;
    return fail(414, "uri_too_long", "The request target is too long.");
  }
  return fail(431, "header_too_large", "A header line is too long.");
}

HeadParser::Status HeadParser::take_line(std::string_view line) {
  if (have_request_line_) return line.empty() ? finish() : take_field(line);
  if (!line.empty()) return take_request_line(line);
  // RFC 9112 §2.2: some clients send one after a body.
  if (skipped_empty_line_) return fail("The request line is empty.");
  skipped_empty_line_ = true;
  return Status::need_more;
}

HeadParser::Status HeadParser::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail("The request line must be: method, target, version.");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!is_token(method) || target.empty() || !std::ranges::all_of(target, is_target_char) ||
      version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' ||
      !digit(version[5]) || !digit(version[7])) {
    return fail("The request line must be: method, target, version.");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return fail(505, "http_version_not_supported", "Speak HTTP/1.1.");
  }
  if (std::ranges::find(kMethods, method) == kMethods.end()) {
    return fail(501, "not_implemented", "This method is not known here.");
  }
  if (target.size() > limits_->target_bytes_max) {
    return fail(414, "uri_too_long", "The request target is too long.");
  }
  const bool absolute = target.starts_with("http://") || target.starts_with("https://");
  if (target[0] != '/' && !absolute && !(target == "*" && method == "OPTIONS")) {
    return fail("The request target must be a path.");
  }
  head_.method = method;
  head_.target = target;
  head_.http_1_0 = version == "HTTP/1.0";
  have_request_line_ = true;
  return Status::need_more;
}

HeadParser::Status HeadParser::take_field(std::string_view line) {
  if (line[0] == ' ' || line[0] == '\t') return fail("A header line must not be folded.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return fail("A header line must be a name, directly followed by a colon, and a value.");
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_value_char)) {
    return fail("A header value must not have control characters.");
  }
  if (head_.fields.size() == limits_->fields_max) {
    return fail(431, "header_too_large", "There are too many header lines.");
  }
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), lower);
  head_.fields.emplace_back(std::move(name), value);
  return Status::need_more;
}

HeadParser::Status HeadParser::finish() {
  if (Status status = check_host(); status == Status::failed) return status;
  if (Status status = check_body(); status == Status::failed) return status;
  head_.keep_alive = head_.http_1_0 ? head_.has_token("connection", "keep-alive")
                                    : !head_.has_token("connection", "close");
  head_.expects_continue = !head_.http_1_0 && head_.has_token("expect", "100-continue");
  return Status::done;
}

HeadParser::Status HeadParser::check_host() {
  const auto hosts = std::ranges::count(head_.fields, "host",
                                        [](const auto& f) -> const auto& { return f.first; });
  if (hosts > 1 || (hosts == 0 && !head_.http_1_0)) {
    return fail("There must be exactly one Host header.");
  }
  if (hosts == 1 && !is_host(*head_.field("host"))) return fail("The Host header is not valid.");
  return Status::done;
}

HeadParser::Status HeadParser::check_body() {
  const auto coding = head_.field("transfer-encoding");
  const auto length = head_.field("content-length");
  if (coding && length) return fail("Content-Length and Transfer-Encoding exclude each other.");
  if (coding && head_.field("upgrade")) return fail("An upgrade request has no body.");
  if (coding) {
    // Chunked is understood by every client, so it is told what to do instead; anything else
    // leaves the end of the body open (RFC 9112 §6.3).
    if (head_.http_1_0 || !equal_ignoring_case(*coding, "chunked")) {
      return fail("This Transfer-Encoding is not valid.");
    }
    return fail(411, "length_required", "Send a Content-Length instead of Transfer-Encoding.");
  }
  if (!length) return Status::done;
  const auto lengths = std::ranges::count(head_.fields, "content-length",
                                          [](const auto& f) -> const auto& { return f.first; });
  std::uint64_t bytes = 0;
  const char* end = length->data() + length->size();
  const auto [stop, error] = std::from_chars(length->data(), end, bytes);
  if (lengths != 1 || length->empty() || error != std::errc{} || stop != end) {
    return fail("There must be one Content-Length, of digits.");
  }
  if (bytes != 0 && head_.has_token("upgrade", "websocket")) {
    return fail("An upgrade request has no body.");
  }
  if (bytes > limits_->body_bytes_max) {
    return fail(413, "content_too_large", "The body is too large.");
  }
  head_.body_bytes = static_cast<std::size_t>(bytes);
  return Status::done;
}

}  // namespace msgd
