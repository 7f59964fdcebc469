// SPDX-License-Identifier: Apache-2.0
#include "ops/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>

namespace msgd {
namespace {

std::atomic<LogLevel> g_level{LogLevel::info};
std::atomic<LogFormat> g_format{LogFormat::automatic};
std::atomic<int> g_fd{2};
// Pipes split writes over PIPE_BUF, so one write(2) per line is not enough to keep lines whole.
std::mutex g_write_mutex;
std::deque<std::string> g_problems;  // under g_write_mutex; the newest first

LogFormat resolve(LogFormat format, int fd) {
  if (format != LogFormat::automatic) return format;
  return ::isatty(fd) == 1 ? LogFormat::text : LogFormat::json;
}

// Bytes of the UTF-8 character that begins at `i`, 0 when there is none or it is a C1 control,
// which terminals obey.
std::size_t character_at(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
  };
  const unsigned lead = at(i);
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned low = lead == 0xE0 || lead == 0xC2 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at(i + 1) < low || at(i + 1) > high) return 0;
  for (std::size_t k = 2; k < size; ++k) {
    if ((at(i + k) & 0xC0u) != 0x80) return 0;
  }
  return size;
}

// Valid inside JSON and harmless on a terminal; a byte that is not UTF-8 is shown as \u00XX.
void append_escaped(std::string& line, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (const std::size_t size = character_at(text, i); size != 0) {
      line.append(text.substr(i, size));
      i += size - 1;
    } else if (byte == '"' || byte == '\\') {
      line.push_back('\\');
      line.push_back(text[i]);
    } else if (byte == '\n') {
      line += "\\n";
    } else if (byte < 0x20 || byte >= 0x7F) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", byte);
    } else {
      line.push_back(text[i]);
    }
  }
}

void append_value(std::string& line, const LogValue& value, LogFormat format) {
  const auto append = [&](const auto& v) {
    using T = std::decay_t<decltype(v)>;
    if constexpr (std::is_same_v<T, std::string_view>) {
      const bool bare =
          format == LogFormat::text && !v.empty() && std::ranges::all_of(v, [](char c) {
            return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '=';
          });
      if (bare) {
        line.append(v);
        return;
      }
      line.push_back('"');
      append_escaped(line, v);
      line.push_back('"');
    } else if constexpr (std::is_same_v<T, double>) {
      // JSON has no infinity.
      line += std::isfinite(v) ? fmt::format("{:.6g}", v) : "null";
    } else {
      line += fmt::format("{}", v);
    }
  };
  std::visit(append, value.variant());
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

void configure_log(const LogOptions& options) {
  g_level = options.level;
  g_format = resolve(options.format, options.fd);
  g_fd = options.fd;
}

bool log_enabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

std::string format_log_line(LogFormat format, std::int64_t unix_ms, LogLevel level,
                            std::string_view event, LogFields fields) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(unix_ms)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto ms = (time - seconds).count();
  std::string line;
  line.reserve(192);
  const auto out = std::back_inserter(line);
  if (format == LogFormat::text) {
    fmt::format_to(out, "{:%H:%M:%S}.{:03} ", fmt::gmtime(seconds), ms);
    std::string name(to_string(level));
    std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 32); });
    fmt::format_to(out, "{:<5} ", name);
    append_escaped(line, event);
  } else {
    fmt::format_to(out, R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}","event":")",
                   fmt::gmtime(seconds), ms, to_string(level));
    append_escaped(line, event);
    line.push_back('"');
  }
  for (const LogField& field : fields) {
    line += format == LogFormat::text ? " " : ",\"";
    line.append(field.key);
    line += format == LogFormat::text ? "=" : "\":";
    append_value(line, field.value, format);
  }
  line += format == LogFormat::text ? "\n" : "}\n";
  return line;
}

void log(LogLevel level, std::string_view event, LogFields fields) {
  if (!log_enabled(level)) return;
  const int fd = g_fd.load(std::memory_order_relaxed);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const std::string line = format_log_line(resolve(g_format.load(std::memory_order_relaxed), fd),
                                           now, level, event, fields);
  std::string problem;
  if (level >= LogLevel::warn) {
    problem = format_log_line(LogFormat::json, now, level, event, fields);
    problem.pop_back();
  }
  const std::lock_guard lock(g_write_mutex);
  // A log that cannot be written has nobody to tell.
  [[maybe_unused]] const ssize_t written = ::write(fd, line.data(), line.size());
  if (problem.empty() || problem.size() > kProblemBytesMax) return;
  g_problems.push_front(std::move(problem));
  if (g_problems.size() > kProblemsKept) g_problems.pop_back();
}

std::vector<std::string> recent_problems() {
  const std::lock_guard lock(g_write_mutex);
  return {g_problems.begin(), g_problems.end()};
}

std::string loggable_path(std::string_view path) {
  constexpr std::size_t path_bytes_max = 256;
  std::string out;
  bool hide_next = false;
  while (!path.empty() && out.size() < path_bytes_max) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    const bool hide = hide_next || segment.starts_with('+') || segment.starts_with("mss_") ||
                      segment.starts_with("msk_");
    hide_next = segment == "by-phone";
    out.append(hide && !segment.empty() ? "*" : segment);
    if (slash == std::string_view::npos) break;
    out.push_back('/');
    path.remove_prefix(slash + 1);
  }
  out.resize(std::min(out.size(), path_bytes_max));
  return out;
}

}  // namespace msgd
