// SPDX-License-Identifier: Apache-2.0
// The head of a request, its target and the router: what whoever connects says first.
#include "net/http_head.h"

#include <algorithm>
#include <string>

#include "fuzz/fuzz.h"
#include "http/router.h"

namespace msg::test {
namespace {

using msgd::HeadLimits;
using msgd::HeadParser;

/// As bytes that arrive in pieces of these sizes, in turns.
HeadParser::Status parse_in_pieces(HeadParser& parser, std::string_view bytes, std::size_t piece) {
  auto status = HeadParser::Status::need_more;
  for (std::size_t end = 0; end < bytes.size() && status == HeadParser::Status::need_more;) {
    end = std::min(bytes.size(), end + piece);
    status = parser.parse(bytes.substr(0, end));
  }
  return status;
}

void route(msgd::HttpHead& head) {
  const auto target = msgd::decode_target(head.target);
  if (!target) return;
  hold(target->path.find('\0') == std::string::npos, "a path has no NUL");
  static const msgd::Router router{msgd::routes()};
  const auto match = router.find(head.method, target->path);
  const auto allowed = router.allowed(target->path);
  if (match) {
    hold(allowed.find(match->route->method) != std::string::npos, "a method that fits is allowed");
  } else {
    hold(match.error().status == (allowed.empty() ? 404 : 405), "405 where there are methods");
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const HeadLimits limits;
  HeadParser whole(limits);
  const auto status = input.empty() ? HeadParser::Status::need_more : whole.parse(input);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    HeadParser pieces(limits);
    const auto same = parse_in_pieces(pieces, input, piece);
    hold(same == status, "pieces make no difference");
    if (status == HeadParser::Status::done) {
      hold(pieces.consumed() == whole.consumed(), "pieces make no difference to the length");
      hold(pieces.head().fields == whole.head().fields, "pieces make no difference to fields");
    }
    if (status == HeadParser::Status::failed) {
      hold(pieces.fault().status == whole.fault().status, "pieces make no difference to faults");
    }
  }
  if (status == HeadParser::Status::failed) {
    const int code = whole.fault().status;
    hold(code >= 400 && code < 600 && code != 500, "a fault has a status");
  }
  if (status != HeadParser::Status::done) return;
  hold(whole.consumed() <= input.size(), "no more is taken than there is");
  hold(whole.consumed() <= limits.head_bytes_max + 2, "a head has a limit");
  hold(whole.head().body_bytes <= limits.body_bytes_max, "a body has a limit");
  hold(whole.head().fields.size() <= limits.fields_max, "fields have a limit");
  route(whole.head());
}

}  // namespace msg::test
