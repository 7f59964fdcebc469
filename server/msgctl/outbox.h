// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace msgctl {

struct OutboxEntry {
  std::string client_id, content;
};

/// What was typed and is not known to be stored, in order. Only its head is on the way, so that
/// messages keep their order whatever fails; after a lost connection the head goes out again.
class Outbox {
 public:
  static constexpr std::size_t kEntriesMax = 100;

  bool full() const { return entries_.size() >= kEntriesMax; }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }

  /// Only when not full.
  void push(OutboxEntry entry) { entries_.push_back(std::move(entry)); }

  /// The entry to send now, from here on under way; null while one is, or when there is none.
  const OutboxEntry* begin_send() {
    if (under_way_ || entries_.empty()) return nullptr;
    under_way_ = true;
    return &entries_.front();
  }
  bool can_send() const { return !under_way_ && !entries_.empty(); }

  /// Whatever is under way will not be answered: send it again.
  void again() { under_way_ = false; }

  /// Takes out the entry of that key, which is stored or refused. Nothing when there is none: an
  /// answer and an event may tell of the same message.
  std::optional<OutboxEntry> settle(std::string_view client_id) {
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->client_id != client_id) continue;
      if (it == entries_.begin()) under_way_ = false;
      OutboxEntry entry = std::move(*it);
      entries_.erase(it);
      return entry;
    }
    return std::nullopt;
  }

 private:
  std::deque<OutboxEntry> entries_;
  bool under_way_{false};
};

}  // namespace msgctl
