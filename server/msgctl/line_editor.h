// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <histedit.h>

#include <cwchar>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace msgctl {

/// A line being edited at the bottom of a terminal, while other things are written above it. Keys
/// and history are libedit's, with the user's ~/.editrc.
///
/// Thread safety: none.
class LineEditor {
 public:
  /// Waits for a byte of the keyboard; nothing when the line will not be finished.
  using NextByte = std::function<std::optional<char>()>;

  LineEditor();
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// A line without its end, taken off the screen again; nothing at the end of input.
  std::optional<std::string> read_line(const NextByte& next_byte);

  /// Runs `write` with the cursor at the beginning of an empty row, from which on everything is
  /// clear, and draws the line again below what was written. Whole rows, please.
  void write_above(const std::function<void()>& write);
  void set_prompt(std::string_view prompt);

  /// What has been typed so far.
  std::string text() const;
  void beep();
  void window_changed();
  int columns() const { return columns_; }
  int rows() const { return rows_; }

 private:
  static int read_char(EditLine* editor, wchar_t* to);
  static wchar_t* prompt_of(EditLine* editor);
  static LineEditor& of(EditLine* editor);

  int next_char(wchar_t* to);
  void measure();
  /// Rows between the beginning of the prompt and the place behind `text`.
  int rows_up_to(std::wstring_view text) const;
  void clear_from(int rows_up);

  EditLine* editor_;
  HistoryW* history_;
  const NextByte* next_byte_{nullptr};  ///< Of the line being read.
  std::mbstate_t decoding_{};
  std::wstring prompt_{L"> "};
  int columns_{80};
  int rows_{24};
};

}  // namespace msgctl
