// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_changes.h"

#include <algorithm>
#include <limits>

#include "core/varint.h"
#include "maintenance/describe.h"

namespace msg {
namespace {

std::string bytes_of(Version version, Seq seq) {
  std::string bytes;
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(version)));
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(seq)));
  return bytes;
}

}  // namespace

bool ChangeCheck::is_here(const Record* record) const {
  return record != nullptr && record->key.ids[0] == to_int(head_.id);
}

Result<void> ChangeCheck::take(const Message& message) {
  const std::string who = words_of(message.id);
  if (message.changed) {
    wanted_.add(bytes_of(*message.changed, message.id.seq));
    newest_ = std::max(newest_, *message.changed);
    if (*message.changed <= message.version) {
      from_.findings.add(who + " changed before it was sent.");
    }
  }
  if (!message.changed && (message.edited_at || message.deleted)) {
    from_.findings.add(who + " was changed, and does not say by which version.");
  }
  if (message.deleted && !message.content.empty()) {
    from_.findings.add(who + " is deleted, its content is not.");
  }
  MSG_CHECK(skip_revisions(to_int(message.id.seq)));
  MSG_TRY(const Record* const record, from_.revisions.peek());
  const bool has_revisions = is_here(record) && record->key.ids[1] == to_int(message.id.seq);
  if (!has_revisions) {
    if (message.edited_at || message.deleted) {
      from_.findings.add(who + " was changed, but not by whom is known.");
    }
    return {};
  }
  if (const auto* row = std::get_if<RevisionsRow>(&record->row)) {
    check_revisions(*row, message);
  } else {
    from_.findings.add(words_of(Table::revisions, record->key) +
                       " cannot be read: " + std::get<Unreadable>(record->row).why + ".");
  }
  from_.revisions.skip();
  return {};
}

void ChangeCheck::check_revisions(const RevisionsRow& row, const Message& message) {
  const std::string what = words_of(Table::revisions, key_of(row));
  const auto& revisions = row.revisions;
  if (revisions.empty() || revisions.size() > kRevisionsMax) {
    return from_.findings.add(what + " has " + std::to_string(revisions.size()) + " entries.");
  }
  Version before = std::max(row.dropped_up_to, message.version);
  for (const Revision& revision : revisions) {
    if (revision.version <= before) from_.findings.add(what + " does not rise.");
    before = revision.version;
    if (message.deleted && !revision.content.empty()) {
      from_.findings.add(what + " keeps contents of a deleted message.");
    }
  }
  const Revision& last = revisions.back();
  const bool fits = last.version <= message.changed.value_or(Version{}) &&
                    last.deletion == message.deleted &&
                    (message.deleted || message.edited_at == last.at);
  if (!fits) from_.findings.add(what + " does not end where the message is.");
}

/// Those before `before` have no message.
Result<void> ChangeCheck::skip_revisions(std::int64_t before) {
  while (true) {
    MSG_TRY(const Record* const record, from_.revisions.peek());
    if (!is_here(record) || record->key.ids[1] >= before) return {};
    from_.findings.add(words_of(Table::revisions, record->key) + " has no message.");
    from_.revisions.skip();
  }
}

Result<Tally> ChangeCheck::take_index() {
  Tally stored(key_);
  while (true) {
    MSG_TRY(const Record* const record, from_.changes.peek());
    if (!is_here(record)) return stored;
    const Version version{record->key.ids[1]};
    if (const auto* change = std::get_if<ChangedMessage>(&record->row)) {
      stored.add(bytes_of(version, change->seq));
      if (!from_.horizon.sees({version, change->writer})) {
        from_.findings.add(words_of(Table::changed_messages, record->key) +
                           " has a version above the newest of the store.");
      }
    } else {
      from_.findings.add(words_of(Table::changed_messages, record->key) +
                         " cannot be read: " + std::get<Unreadable>(record->row).why + ".");
    }
    from_.changes.skip();
  }
}

Result<void> ChangeCheck::finish(bool is_complete) {
  MSG_CHECK(skip_revisions(std::numeric_limits<std::int64_t>::max()));
  MSG_TRY(const Tally stored, take_index());
  if (!is_complete) return {};
  if (head_.changes != newest_) {
    from_.findings.add(words_of(head_.id) + ": its last change is not that of a message.");
  }
  if (head_.changes > head_.version) {
    from_.findings.add(words_of(head_.id) + ": its last change is above its version.");
  }
  return stored == wanted_ ? Result<void>{} : explain();
}

/// They differ: looks up each of both sides in the other.
Result<void> ChangeCheck::explain() {
  const RecordKey before{.ids = {to_int(head_.id), RecordKey::kMin, RecordKey::kMin}, .text = {}};
  RecordStream messages(from_.snapshot, Table::messages, before);
  while (true) {
    MSG_TRY(const Record* const record, messages.peek());
    if (!is_here(record)) break;
    const Message& message = std::get<Stamped<Message>>(record->row).row;
    if (message.changed) {
      const Version just_before{to_int(*message.changed) - 1};
      MSG_TRY(const auto found, from_.snapshot.list_message_changes(head_.id, just_before, 1));
      if (found.empty() || found[0] != MessageChange{*message.changed, message.id.seq}) {
        from_.findings.add(words_of(message.id) + " has no entry for its change: sync passes it.");
      }
    }
    messages.skip();
  }
  RecordStream changes(from_.snapshot, Table::changed_messages, before);
  while (true) {
    MSG_TRY(const Record* const record, changes.peek());
    if (!is_here(record)) return {};
    if (const auto* change = std::get_if<ChangedMessage>(&record->row)) {
      MSG_TRY(const auto found, from_.snapshot.find_message({head_.id, change->seq}));
      if (!found || found->changed != Version{record->key.ids[1]}) {
        from_.findings.add(words_of(Table::changed_messages, record->key) + " leads to message " +
                           std::to_string(to_int(change->seq)) + ", which changed otherwise.");
      }
    }
    changes.skip();
  }
}

}  // namespace msg
