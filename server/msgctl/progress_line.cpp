// SPDX-License-Identifier: Apache-2.0
#include "msgctl/progress_line.h"

#include <unistd.h>

#include <algorithm>

namespace msgctl {
namespace {

constexpr std::chrono::milliseconds kInPlace{200};
constexpr std::chrono::seconds kPlain{10};
/// Before it a rate says nothing.
constexpr std::chrono::milliseconds kRateAfter{500};

std::string_view verb(msg::Progress::Stage stage) {
  switch (stage) {
    case msg::Progress::Stage::copying:
      return "copying";
    case msg::Progress::Stage::comparing:
      return "comparing";
    case msg::Progress::Stage::checking:
      return "checking";
  }
  return {};
}

}  // namespace

std::string with_separators(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string words_of(const msg::Progress& progress, std::int64_t rows_per_second) {
  std::string words(verb(progress.stage));
  words += ' ';
  words += progress.table;
  words += ": ";
  if (progress.expected > 0) {
    const auto percent = std::min<std::int64_t>(100, progress.rows * 100 / progress.expected);
    words += std::to_string(percent) + " %, ";
  }
  words += with_separators(progress.rows) + " rows";
  if (rows_per_second > 0) words += ", " + with_separators(rows_per_second) + "/s";
  return words;
}

ProgressLine::ProgressLine(std::FILE* out, bool quiet)
    : out_(out), quiet_(quiet), in_place_(::isatty(::fileno(out)) == 1) {}

void ProgressLine::show(const msg::Progress& progress) {
  if (quiet_) return;
  const auto now = Clock::now();
  const bool is_another =
      !last_ || last_->table != progress.table || last_->stage != progress.stage;
  if (is_another) {
    // A table's last word is how many rows it had.
    if (last_ && !in_place_ && last_->rows > 0) print(*last_);
    begun_ = shown_ = now;
    first_rows_ = progress.rows;
  }
  last_ = progress;
  if (now - shown_ < (in_place_ ? Clock::duration(kInPlace) : Clock::duration(kPlain))) return;
  shown_ = now;
  print(progress);
}

void ProgressLine::end() {
  if (quiet_ || !last_) return;
  if (in_place_) {
    if (is_dirty_) std::fputs("\r\x1b[K", out_);
  } else if (last_->rows > 0) {
    print(*last_);
  }
  last_.reset();
  std::fflush(out_);
}

void ProgressLine::print(const msg::Progress& progress) {
  const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_);
  const std::int64_t rows = progress.rows - first_rows_;
  const std::int64_t rate = spent < kRateAfter ? 0 : rows * 1000 / spent.count();
  const std::string words = words_of(progress, rate);
  if (in_place_) {
    std::fprintf(out_, "\r%s\x1b[K", words.c_str());
    is_dirty_ = true;
  } else {
    std::fprintf(out_, "%s\n", words.c_str());
  }
  std::fflush(out_);
}

}  // namespace msgctl
