// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace msgd {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat {
  automatic,  ///< Text on a terminal, else JSON.
  text,       ///< 09:15:02.123 INFO  http.request method=GET status=200
  json,       ///< {"time":"2026-11-21T09:15:02.123Z","level":"info","event":"http.request",…}
};

struct LogOptions {
  LogLevel level{LogLevel::info};
  LogFormat format{LogFormat::automatic};
  int fd{2};
};

/// Value of a field; text is copied into the line at once, not kept.
class LogValue {
 public:
  LogValue(std::string_view text) : value_(text) {}
  LogValue(const std::string& text) : value_(std::string_view(text)) {}
  LogValue(const char* text) : value_(std::string_view(text)) {}
  LogValue(bool flag) : value_(flag) {}
  LogValue(double number) : value_(number) {}
  template <std::signed_integral T>
  LogValue(T number) : value_(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  LogValue(T number) : value_(static_cast<std::uint64_t>(number)) {}

  using Variant = std::variant<std::string_view, bool, double, std::int64_t, std::uint64_t>;
  const Variant& variant() const { return value_; }

 private:
  Variant value_;
};

struct LogField {
  std::string_view key;
  LogValue value;
};

using LogFields = std::initializer_list<LogField>;

/// Sets up the process-wide log. Before it: info, automatic, stderr.
void configure_log(const LogOptions& options);

/// Whether lines of that level are written; for fields that are costly to make.
bool log_enabled(LogLevel level);

/// Writes one line with one write(2). `event` names what happened ("http.request"); values are
/// escaped, so a line is a line whatever is in them.
///
/// Never pass a body, a phone number, a token, a code or a query string.
///
/// Thread safety: from any thread; lines do not mix.
void log(LogLevel level, std::string_view event, LogFields fields = {});

inline void log_debug(std::string_view event, LogFields fields = {}) {
  log(LogLevel::debug, event, fields);
}
inline void log_info(std::string_view event, LogFields fields = {}) {
  log(LogLevel::info, event, fields);
}
inline void log_warn(std::string_view event, LogFields fields = {}) {
  log(LogLevel::warn, event, fields);
}
inline void log_error(std::string_view event, LogFields fields = {}) {
  log(LogLevel::error, event, fields);
}

/// The latest warnings and errors that were logged, as JSON without the newline, newest first; at
/// most kProblemsKept. Lines over kProblemBytesMax are not kept.
std::vector<std::string> recent_problems();
inline constexpr std::size_t kProblemsKept = 100;
inline constexpr std::size_t kProblemBytesMax = 4096;

/// One line as it is written, newline included; for tests and for the log itself.
std::string format_log_line(LogFormat format, std::int64_t unix_ms, LogLevel level,
                            std::string_view event, LogFields fields);

/// `path` fit for a log: what may be a phone number or a token is replaced by "*", the rest cut
/// at 256 bytes.
std::string loggable_path(std::string_view path);

std::string_view to_string(LogLevel level);

}  // namespace msgd
