// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace msg {

/// What a caller may branch on. The set is closed and its names are stable: they appear
/// unchanged as `code` in the HTTP and WebSocket errors.
enum class Code {
  invalid_argument,      ///< The request can never succeed as it is; `field` names the culprit.
  unauthenticated,       ///< No token, or one that is unknown, expired or revoked.
  permission_denied,     ///< The caller may know the object but may not do this to it.
  not_found,             ///< No such object, or none that the caller may know of.
  conflict,              ///< The present state forbids it (phone taken, last owner leaving).
  idempotency_conflict,  ///< The client_id was used before with another request.
  rate_limited,          ///< The caller asked too often; nothing happened; `retry_after` says when.
  overloaded,            ///< A bound was reached; nothing happened; retry after `retry_after`.
  unavailable,           ///< The store cannot answer now; the outcome may be unknown: retry with
                         ///< the same client_id.
  corrupt,               ///< What is stored is not what was written.
};

/// The stable text of a code, for example "not_found".
std::string_view to_string(Code code);

/// Why a call did not succeed.
struct Error {
  Code code{};
  /// A sentence for people. For unavailable and corrupt it may name paths or statements: log it,
  /// do not show it to strangers.
  std::string detail{};
  /// The argument at fault, in the words of the public types ("phone"); empty when none is.
  std::string field{};
  /// When to try again; zero unless code is rate_limited, overloaded or unavailable, where it is
  /// known.
  std::chrono::milliseconds retry_after{0};
};

template <class T>
using Result = std::expected<T, Error>;

/// Makes the unexpected value of a Result.
[[nodiscard]] std::unexpected<Error> fail(Code code, std::string detail, std::string field = {});

}  // namespace msg

/// Returns from the enclosing function with the error of `expr`, if it is one.
#define MSG_CHECK(expr)                                       \
  do {                                                        \
    if (auto msg_checked = (expr); !msg_checked) {            \
      return std::unexpected(std::move(msg_checked).error()); \
    }                                                         \
  } while (false)

/// Declares `decl` from the value of `expr`, or returns its error.
#define MSG_TRY(decl, expr) MSG_TRY_IMPL(MSG_CONCAT(msg_result_, __LINE__), decl, expr)
#define MSG_TRY_IMPL(name, decl, expr)                        \
  auto name = (expr);                                         \
  if (!name) return std::unexpected(std::move(name).error()); \
  decl = std::move(*name)
#define MSG_CONCAT_IMPL(a, b) a##b
#define MSG_CONCAT(a, b) MSG_CONCAT_IMPL(a, b)
