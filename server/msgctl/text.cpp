// SPDX-License-Identifier: Apache-2.0
#include "msgctl/text.h"

#include <fmt/format.h>
#include <langinfo.h>

#include <algorithm>
#include <clocale>
#include <ctime>
#include <cwchar>
#include <optional>

namespace msgctl {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// A code point and how many bytes it took; nothing when the bytes are not UTF-8.
struct CodePoint {
  char32_t value{};
  std::size_t bytes{1};
};

std::optional<CodePoint> first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return CodePoint{lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes > text.size()) return std::nullopt;
  char32_t value = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return std::nullopt;
    value = (value << 6U) | (next & 0x3FU);
  }
  return CodePoint{value, bytes};
}

/// C0, DEL and C1, and the invisible marks that make text appear in another order.
bool is_harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

std::tm local(msg::Time time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

void use_utf8_locale() {
  const auto knows_utf8 = [] { return std::string_view{::nl_langinfo(CODESET)} == "UTF-8"; };
  std::setlocale(LC_CTYPE, "");
  if (!knows_utf8()) std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::string printable(std::string_view text, Newlines newlines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const std::size_t bytes = point ? point->bytes : 1;
    if (point && point->value == '\n') {
      out += newlines == Newlines::keep ? '\n' : ' ';
    } else if (point && point->value == '\t') {
      out += ' ';
    } else if (!point || is_harmful(point->value)) {
      out += kReplacement;
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const int columns = point ? ::wcwidth(static_cast<wchar_t>(point->value)) : 1;
    width += static_cast<std::size_t>(std::max(columns, 0));
    text.remove_prefix(point ? point->bytes : 1);
  }
  return width;
}

std::string escape_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const std::size_t bytes = point ? point->bytes : 1;
    if (!point) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else if (point->value == '\n') {
      out += "\\n";
    } else if (point->value == '\t') {
      out += "\\t";
    } else if (point->value == '\\') {
      out += "\\\\";
    } else if (is_harmful(point->value)) {
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(point->value));
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - display_width(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string local_date_time(msg::Time time) {
  const std::tm t = local(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                     t.tm_hour, t.tm_min);
}

std::string local_clock(msg::Time time) {
  const std::tm t = local(time);
  return fmt::format("{:02}:{:02}", t.tm_hour, t.tm_min);
}

}  // namespace msgctl
