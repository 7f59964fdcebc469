// SPDX-License-Identifier: Apache-2.0
#include "http/time_text.h"

#include <array>

namespace msgd {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr msg::Time kFirst = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
constexpr msg::Time kBehindLast = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};

/// Takes a text apart from the front; once something is missing, all that follows fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

  int digits(std::size_t count, int min, int max) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest_.size() || !is_digit(rest_[i])) return refuse();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value < min || value > max ? refuse() : value;
  }

  /// The next character, if it is one of these; else 0.
  char take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return 0;
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  void expect(std::string_view any_of) {
    if (take(any_of) == 0) refuse();
  }

  /// 1 to 9 digits of a fraction of a second, cut to milliseconds.
  milliseconds fraction() {
    int value = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 3) value = value * 10 + (rest_[count] - '0');
    }
    if (count == 0 || count > 9) refuse();
    rest_.remove_prefix(count);
    for (; count < 3; ++count) value *= 10;
    return milliseconds{value};
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  int refuse() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_{true};
};

minutes parse_offset(Scanner& in) {
  if (in.take("Zz") != 0) return minutes{0};
  const char sign = in.take("+-");
  if (sign == 0) in.expect("+-");
  const int hours = in.digits(2, 0, 23);
  in.expect(":");
  const int mins = in.digits(2, 0, 59);
  const minutes offset{hours * 60 + mins};
  return sign == '-' ? -offset : offset;
}

void append_digits(std::string& out, unsigned value, std::size_t width) {
  std::array<char, 4> digits{};
  for (std::size_t i = width; i-- > 0; value /= 10) {
    digits[i] = static_cast<char>('0' + value % 10);
  }
  out.append(digits.data(), width);
}

}  // namespace

std::optional<msg::Time> parse_time(std::string_view text) {
  Scanner in(text);
  const int year = in.digits(4, 0, 9999);
  in.expect("-");
  const auto month = static_cast<unsigned>(in.digits(2, 1, 12));
  in.expect("-");
  const auto day = static_cast<unsigned>(in.digits(2, 1, 31));
  in.expect("Tt");
  const int hour = in.digits(2, 0, 23);
  in.expect(":");
  const int minute = in.digits(2, 0, 59);
  in.expect(":");
  const int second = in.digits(2, 0, 60);
  const milliseconds fraction = in.take(".") != 0 ? in.fraction() : milliseconds{0};
  const minutes offset = parse_offset(in);
  if (!in.done()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  const msg::Time whole_minute =
      std::chrono::sys_days{date} + std::chrono::hours{hour} + minutes{minute} - offset;
  msg::Time time = whole_minute + seconds{second} + fraction;
  if (second == 60) {
    const auto of_day = whole_minute - std::chrono::floor<std::chrono::days>(whole_minute);
    if (of_day != std::chrono::hours{23} + minutes{59}) return std::nullopt;
    time = whole_minute + seconds{60} - milliseconds{1};
  }
  if (time < kFirst || time >= kBehindLast) return std::nullopt;
  return time;
}

std::string format_time(msg::Time time) {
  std::string out;
  append_time(out, time);
  return out;
}

void append_time(std::string& out, msg::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<unsigned>(clock.subseconds().count()), 3);
  out += 'Z';
}

}  // namespace msgd
