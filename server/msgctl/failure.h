// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace msgctl {

/// How the program ends; scripts rely on the numbers.
enum class Exit {
  ok = 0,
  refused = 1,      ///< The server, or the store, said no.
  usage = 2,        ///< The command line makes no sense.
  unreachable = 3,  ///< No answer, or not one of msgd.
};

/// Why a command did not succeed: `text` is a sentence for people, `code` what a program may
/// branch on (the server's own code, or "usage" and "unreachable").
struct Failure {
  Exit exit{Exit::refused};
  std::string code;
  std::string text;
};

template <class T>
using Outcome = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> refused(std::string code, std::string text) {
  return std::unexpected(Failure{Exit::refused, std::move(code), std::move(text)});
}
[[nodiscard]] inline std::unexpected<Failure> bad_usage(std::string text) {
  return std::unexpected(Failure{Exit::usage, "usage", std::move(text)});
}
[[nodiscard]] inline std::unexpected<Failure> unreachable(std::string text) {
  return std::unexpected(Failure{Exit::unreachable, "unreachable", std::move(text)});
}

}  // namespace msgctl
