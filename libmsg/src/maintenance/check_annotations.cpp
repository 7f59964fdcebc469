// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_annotations.h"

#include <map>

#include "maintenance/describe.h"

namespace msg {

Result<void> AnnotationCheck::take(const Message& message) {
  const std::int64_t seq = to_int(message.id.seq);
  MSG_CHECK(skip(seq));
  std::map<std::string, std::int64_t> given;
  bool is_readable = true;
  while (true) {
    MSG_TRY(const Record* const record, annotations_.peek());
    const bool is_here = record != nullptr && record->key.ids[0] == to_int(conversation_) &&
                         record->key.ids[1] == seq;
    if (!is_here) break;
    if (const auto* row = std::get_if<AnnotationRow>(&record->row)) {
      for (const auto& reaction : row->reactions) ++given[reaction.emoji];
    } else {
      is_readable = false;
      findings_.add(words_of(Table::annotations, record->key) +
                    " cannot be read: " + std::get<Unreadable>(record->row).why + ".");
    }
    annotations_.skip();
  }
  // Of a deleted message they stay, and nobody is shown them.
  if (message.deleted || !is_readable) return {};
  std::map<std::string, std::int64_t> counted;
  for (const auto& [emoji, count] : message.reactions) counted[emoji] += count;
  if (counted != given) {
    findings_.add(words_of(message.id) + " counts other reactions than its members gave.");
  }
  return {};
}

/// Those before `before` have no message.
Result<void> AnnotationCheck::skip(std::int64_t before) {
  while (true) {
    MSG_TRY(const Record* const record, annotations_.peek());
    const bool is_here = record != nullptr && record->key.ids[0] == to_int(conversation_) &&
                         record->key.ids[1] < before;
    if (!is_here) return {};
    findings_.add(words_of(Table::annotations, record->key) + " has no message.");
    annotations_.skip();
  }
}

}  // namespace msg
