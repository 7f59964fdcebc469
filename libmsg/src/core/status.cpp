// SPDX-License-Identifier: Apache-2.0
#include "msg/status.h"

#include <utility>

namespace msg {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid_argument:
      return "invalid_argument";
    case Code::unauthenticated:
      return "unauthenticated";
    case Code::permission_denied:
      return "permission_denied";
    case Code::not_found:
      return "not_found";
    case Code::conflict:
      return "conflict";
    case Code::idempotency_conflict:
      return "idempotency_conflict";
    case Code::rate_limited:
      return "rate_limited";
    case Code::overloaded:
      return "overloaded";
    case Code::unavailable:
      return "unavailable";
    case Code::corrupt:
      return "corrupt";
  }
  std::unreachable();
}

std::unexpected<Error> fail(Code code, std::string detail, std::string field) {
  return std::unexpected(
      Error{.code = code, .detail = std::move(detail), .field = std::move(field)});
}

}  // namespace msg
