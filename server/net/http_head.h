// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/header_text.h"
#include "net/options.h"

namespace msgd {

/// Why a request is refused by the network layer; the texts are literals.
struct HttpFault {
  int status{400};
  std::string_view code{"malformed_request"};  ///< As in docs/http-api.md.
  std::string_view detail;
};

/// The part of a request before its body, valid in every respect HeadParser names.
struct HttpHead {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields;  ///< Names in lower case.
  std::size_t body_bytes{0};
  bool keep_alive{true};
  bool expects_continue{false};
  bool http_1_0{false};

  /// Value of the first field of that lower-case name.
  std::optional<std::string_view> field(std::string_view name) const;
  /// Whether the comma-separated list in the fields of that name has this token, in any case.
  bool has_token(std::string_view name, std::string_view token) const;
};

/// Reads one request head, strictly (RFC 9112), as its bytes arrive. Does no input or output.
///
/// It is stricter than a general parser must be, because what two programs read differently is
/// what smuggles a request past one of them: lines end in CRLF; names are tokens directly before
/// their colon; no folding; one Host on 1.1; no Transfer-Encoding; at most one Content-Length, of
/// digits only. Every line is judged when it is complete, so a bad one is answered at once.
///
/// Thread safety: none, one thread.
class HeadParser {
 public:
  enum class Status { need_more, done, failed };

  /// `limits` must outlive the parser.
  explicit HeadParser(const HeadLimits& limits) : limits_(&limits) {}

  /// `bytes`: all that has arrived since the request began; call again with more appended.
  Status parse(std::string_view bytes);

  /// After done: the head, and how many bytes it took.
  HttpHead& head() { return head_; }
  std::size_t consumed() const { return line_start_; }

  /// After failed.
  const HttpFault& fault() const { return fault_; }

 private:
  Status fail(int status, std::string_view code, std::string_view detail);
  Status fail(std::string_view detail) { return fail(400, "malformed_request", detail); }
  Status too_long(std::size_t pending);
  Status take_line(std::string_view line);
  Status take_request_line(std::string_view line);
  Status take_field(std::string_view line);
  Status finish();
  Status check_host();
  Status check_body();

  const HeadLimits* limits_;
  HttpHead head_;
  HttpFault fault_;
  std::size_t line_start_{0};
  std::size_t scanned_{0};
  bool have_request_line_{false};
  bool skipped_empty_line_{false};
};

/// A request target, split and percent-decoded.
struct HttpTarget {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};

/// Splits at '?', '&' and '=' first and decodes then; '+' in a query is a space. nullopt: a broken
/// escape, or a decoded control character, or text that is not UTF-8. `target` is in origin form,
/// absolute form, or "*".
std::optional<HttpTarget> decode_target(std::string_view target);

/// True for the characters of an RFC 9110 token.
bool is_token(std::string_view text);

}  // namespace msgd
