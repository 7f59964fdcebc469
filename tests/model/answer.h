// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iomanip>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "model/names.h"
#include "model/screen.h"
#include "msg/changes.h"
#include "msg/requests.h"
#include "msg/status.h"

namespace msg::test {

/// All that a caller sees of an operation, so that two answers can be compared.
struct Answer {
  std::string text{};                  ///< Everything that must be the same, with the model's ids.
  std::vector<Version> versions{};     ///< As they come in the text; see VersionNames.
  std::vector<std::string> cursors{};  ///< Likewise. Opaque: the text says only where one is empty.
  /// Likewise the times of receipts, each with all that are allowed; a store says one.
  std::vector<std::vector<Time>> receipt_times{};
};

/// Writes an answer.
class Teller {
 public:
  explicit Teller(Names& names) : names_(names) {}

  template <class T>
  void tell(const Result<T>& result) {
    if (result) {
      tell(*result);
    } else {
      tell(result.error());
    }
  }
  template <class T>
  void tell(const std::vector<Result<T>>& results) {
    for (const auto& result : results) line(), tell(result);
  }
  template <class T>
  void tell(const std::optional<T>& value) {
    if (value) {
      tell(*value);
    } else {
      text_ << " none";
    }
  }
  template <class T>
  void tell(const Page<T>& page) {
    for (const auto& item : page.items) line(), tell(item);
    line();
    text_ << (page.has_more ? " more" : " end") << (page.has_prev ? " prev" : " start");
    tell_cursor(page.next);
    tell_cursor(page.prev);
  }
  template <class T>
  void tell(const std::vector<T>& items) {
    for (const auto& item : items) line(), tell(item);
  }
  void tell(const Error& error);
  void tell(const User& user);
  void tell(const Conversation& conversation);
  void tell(const Member& member);
  void tell(const Message& message);
  void tell(const Revision& revision);
  void tell(const ConversationView& view);
  void tell(const MessageStatus& status);
  void tell(const RecipientStatus& status);
  void tell(const Receipt& receipt);
  void tell(const UnreadMark& mark);
  void tell(std::int64_t count) { text_ << ' ' << count; }
  void tell(const SyncPage& page);
  void tell(const Screen& screen);
  void tell_cursor(const std::string& cursor);
  /// Instead of the one time that was told of each receipt.
  void allow_receipt_times(std::vector<std::vector<Time>> times) {
    answer_.receipt_times = std::move(times);
  }

  Answer take();

 private:
  void line() { text_ << "\n   "; }
  void tell(UserId user) { text_ << " user " << to_int(names_.users.to_model(user)); }
  void tell(ConversationId conversation) {
    text_ << " conversation " << to_int(names_.conversations.to_model(conversation));
  }
  void tell(Seq seq) { text_ << " #" << to_int(seq); }
  void tell(Time time) { text_ << " at " << time.time_since_epoch().count(); }
  void tell(MessageState state) { text_ << ' ' << to_string(state); }
  void tell(const std::string& text) { text_ << ' ' << std::quoted(text); }
  void tell(Version version);
  void tell(const ConversationDelta& delta);
  void tell_receipt_time(const std::optional<Time>& time);

  Names& names_;
  std::ostringstream text_;
  Answer answer_;
};

}  // namespace msg::test
