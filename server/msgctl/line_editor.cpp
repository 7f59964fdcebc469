// SPDX-License-Identifier: Apache-2.0
#include "msgctl/line_editor.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <stdexcept>

namespace msgctl {
namespace {

constexpr int kHistoryMax = 200;
constexpr wchar_t kReplacement = 0xFFFD;

std::wstring widen(std::string_view text) {
  std::wstring wide;
  std::mbstate_t state{};
  while (!text.empty()) {
    wchar_t c = 0;
    const auto used = std::mbrtowc(&c, text.data(), text.size(), &state);
    const bool bad = used == static_cast<std::size_t>(-1) || used == static_cast<std::size_t>(-2);
    if (bad) state = {};
    wide += bad ? kReplacement : c;
    text.remove_prefix(bad ? 1 : std::max<std::size_t>(used, 1));
  }
  return wide;
}

std::string narrow(std::wstring_view wide) {
  std::string text;
  std::mbstate_t state{};
  for (const wchar_t c : wide) {
    char bytes[MB_LEN_MAX];
    const auto used = std::wcrtomb(bytes, c, &state);
    if (used != static_cast<std::size_t>(-1)) text.append(bytes, used);
  }
  return text;
}

void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

LineEditor::LineEditor()
    : editor_(::el_init("msgctl", stdin, stdout, stderr)), history_(::history_winit()) {
  if (editor_ == nullptr || history_ == nullptr) throw std::runtime_error("no line editor");
  HistEventW event{};
  ::history_w(history_, &event, H_SETSIZE, kHistoryMax);
  ::history_w(history_, &event, H_SETUNIQUE, 1);
  ::el_wset(editor_, EL_CLIENTDATA, this);
  ::el_wset(editor_, EL_EDITOR, L"emacs");
  ::el_wset(editor_, EL_PROMPT, &LineEditor::prompt_of);
  ::el_wset(editor_, EL_HIST, ::history_w, history_);
  ::el_source(editor_, nullptr);
  ::el_wset(editor_, EL_GETCFN, &LineEditor::read_char);
  measure();
}

LineEditor::~LineEditor() {
  ::history_wend(history_);
  ::el_end(editor_);
}

std::optional<std::string> LineEditor::read_line(const NextByte& next_byte) {
  std::fflush(stdout);
  next_byte_ = &next_byte;
  int count = 0;
  const wchar_t* typed = ::el_wgets(editor_, &count);
  next_byte_ = nullptr;
  if (typed == nullptr || count <= 0) {
    put("\r\x1b[J");
    return std::nullopt;
  }
  std::wstring_view line{typed, static_cast<std::size_t>(count)};
  while (!line.empty() && (line.back() == L'\n' || line.back() == L'\r')) line.remove_suffix(1);
  // libedit has gone to the row below.
  clear_from(rows_up_to(line) + 1);
  if (!line.empty()) {
    HistEventW event{};
    ::history_w(history_, &event, H_ENTER, std::wstring{line}.c_str());
  }
  return narrow(line);
}

void LineEditor::write_above(const std::function<void()>& write) {
  const bool editing = next_byte_ != nullptr;
  if (editing) {
    const LineInfoW* line = ::el_wline(editor_);
    clear_from(rows_up_to({line->buffer, line->cursor}));
  }
  write();
  std::fflush(stdout);
  if (editing) ::el_set(editor_, EL_REFRESH);
}

void LineEditor::set_prompt(std::string_view prompt) {
  auto wide = widen(prompt);
  if (wide == prompt_) return;
  write_above([&] { prompt_ = std::move(wide); });
}

std::string LineEditor::text() const {
  const LineInfoW* line = ::el_wline(editor_);
  return narrow({line->buffer, line->lastchar});
}

void LineEditor::beep() {
  ::el_beep(editor_);
}

void LineEditor::window_changed() {
  measure();
  if (next_byte_ == nullptr) return;
  ::el_set(editor_, EL_PREP_TERM, 1);
  ::el_resize(editor_);
  ::el_set(editor_, EL_REFRESH);
}

int LineEditor::read_char(EditLine* editor, wchar_t* to) {
  return of(editor).next_char(to);
}
wchar_t* LineEditor::prompt_of(EditLine* editor) {
  return of(editor).prompt_.data();
}

LineEditor& LineEditor::of(EditLine* editor) {
  void* self = nullptr;
  ::el_wget(editor, EL_CLIENTDATA, &self);
  return *static_cast<LineEditor*>(self);
}

/// As libedit wants it: 1 for a character, 0 at the end.
int LineEditor::next_char(wchar_t* to) {
  while (true) {
    const auto byte = (*next_byte_)();
    if (!byte) return 0;
    const auto used = std::mbrtowc(to, &*byte, 1, &decoding_);
    if (used == static_cast<std::size_t>(-2)) continue;
    if (used == static_cast<std::size_t>(-1)) {
      decoding_ = {};
      *to = kReplacement;
    }
    return 1;
  }
}

void LineEditor::measure() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return;
  columns_ = size.ws_col;
  rows_ = size.ws_row;
}

int LineEditor::rows_up_to(std::wstring_view text) const {
  int width = 0;
  for (const auto part : {std::wstring_view{prompt_}, text}) {
    for (const wchar_t c : part) width += std::max(::wcwidth(c), 0);
  }
  return width / columns_;
}

void LineEditor::clear_from(int rows_up) {
  if (rows_up > 0) put(fmt::format("\x1b[{}A", rows_up));
  put("\r\x1b[J");
}

}  // namespace msgctl
