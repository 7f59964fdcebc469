// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_messages.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/text.h"
#include "core/varint.h"
#include "maintenance/check_annotations.h"
#include "maintenance/check_changes.h"
#include "maintenance/describe.h"
#include "maintenance/tally.h"

namespace msg {
namespace {

using std::to_string;

std::string bytes_of(UserId sender, std::string_view client_id, Seq seq) {
  std::string bytes;
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(sender)));
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(seq)));
  bytes += client_id;
  return bytes;
}

class MessageCheck {
 public:
  MessageCheck(const MessageSources& from, const ConversationRow& head, MemberCounts& members)
      : from_(from),
        head_(head),
        members_(members),
        changes_({.snapshot = from.snapshot,
                  .changes = from.changes,
                  .revisions = from.revisions,
                  .horizon = from.horizon,
                  .findings = from.findings},
                 head),
        annotations_(from.annotations, from.findings, head.id) {}

  Result<void> run() {
    MSG_CHECK(take_messages());
    MSG_CHECK(skip_marks(std::nullopt));
    MSG_CHECK(changes_.finish(is_readable_));
    MSG_CHECK(annotations_.finish());
    check_pins();
    if (last_ != to_int(head_.last_seq)) {
      add("the head says that " + to_string(to_int(head_.last_seq)) +
          " is the newest message, it is " + to_string(last_) + ".");
    }
    check_activity();
    if (is_readable_) check_sent_counts(head_, members_, from_.findings);
    MSG_TRY(const bool keys_match, take_keys());
    return keys_match ? Result<void>{} : explain_keys();
  }

 private:
  void add(const std::string& what) { from_.findings.add(words_of(head_.id) + ": " + what); }
  void add(const RecordKey& key, const std::string& what) {
    from_.findings.add(words_of(Table::messages, key) + " " + what);
  }

  bool is_here(const Record* record) const {
    return record != nullptr && record->key.ids[0] == to_int(head_.id);
  }

  Result<void> take_messages() {
    while (true) {
      MSG_TRY(const Record* const record, from_.messages.peek());
      if (!is_here(record)) return {};
      const std::int64_t seq = record->key.ids[1];
      if (seq == last_ + 2) add("message " + to_string(seq - 1) + " is missing.");
      if (seq > last_ + 2) {
        add("messages " + to_string(last_ + 1) + " to " + to_string(seq - 1) + " are missing.");
      }
      if (seq < 1) add(record->key, "has a number that no message has.");
      last_ = seq;
      if (const auto* bad = std::get_if<Unreadable>(&record->row)) {
        add(record->key, "cannot be read: " + bad->why + ".");
        is_readable_ = false;
      } else {
        const auto& message = std::get<Stamped<Message>>(record->row);
        check_message(record->key, message);
        MSG_CHECK(check_mark(message));
        MSG_CHECK(changes_.take(message.row));
        MSG_CHECK(annotations_.take(message.row));
        if (message.row.pin) pins_.push_back(message.row.id.seq);
        newest_version_ = message.row.version;
      }
      from_.messages.skip();
    }
  }

  void check_pins() {
    std::vector<Seq> listed = head_.pins;
    std::ranges::sort(listed);
    if (is_readable_ && listed != pins_) add("the head lists other pins than its messages have.");
  }

  void check_message(const RecordKey& key, const Stamped<Message>& message) {
    const Message& row = message.row;
    if (row.version <= newest_version_) add(key, "has no higher version than those before it.");
    if (row.version > head_.version) add(key, "has a version above that of its conversation.");
    if (!from_.horizon.sees({row.version, message.writer})) {
      add(key, "has a version above the newest of the store.");
    }
    if (row.reply_to && (to_int(*row.reply_to) < 1 || *row.reply_to >= row.id.seq)) {
      add(key, "answers a message that was not before it.");
    }
    if (!count_code_points(row.content) || row.content.contains('\0')) {
      add(key, "has a content that is no text.");
    }
    if (!row.client_id.empty()) wanted_keys_.add(bytes_of(row.sender, row.client_id, row.id.seq));
    const auto sender = members_.find(row.sender);
    if (sender == members_.end()) {
      return add(key, "is of " + words_of(row.sender) + ", who never was a member.");
    }
    ++sender->second.sent;
    if (row.id.seq <= sender->second.stored.row.read) ++sender->second.sent_up_to_read;
  }

  Result<void> check_mark(const Stamped<Message>& message) {
    if (to_int(message.row.id.seq) % kTimeMarkInterval != 0) return {};
    const RecordKey wanted{.ids = {to_int(head_.id), to_int(message.row.version)}, .text = {}};
    MSG_CHECK(skip_marks(wanted));
    MSG_TRY(const Record* const record, from_.marks.peek());
    if (record == nullptr || record->key != wanted) {
      from_.findings.add(words_of(Table::messages, key_of(message.row)) + " has no time mark.");
      return {};
    }
    const auto* mark = std::get_if<TimeMark>(&record->row);
    if (mark == nullptr || mark->seq != message.row.id.seq || mark->writer != message.writer) {
      from_.findings.add(words_of(Table::time_marks, wanted) + " is not that of its message.");
    }
    from_.marks.skip();
    return {};
  }

  /// Marks of this conversation before `wanted`: none of them has a message.
  Result<void> skip_marks(const std::optional<RecordKey>& wanted) {
    while (true) {
      MSG_TRY(const Record* const record, from_.marks.peek());
      if (!is_here(record) || (wanted && record->key >= *wanted)) return {};
      from_.findings.add(words_of(Table::time_marks, record->key) + " leads to no message.");
      from_.marks.skip();
    }
  }

  void check_activity() {
    const bool is_right = last_ > 0 ? !is_readable_ || head_.activity == newest_version_
                                    : time_of(head_.activity) == head_.created_at;
    if (!is_right) add("its activity is not that of its newest message.");
    if (head_.activity > head_.version) add("its activity is above its version.");
  }

  Result<bool> take_keys() {
    while (true) {
      MSG_TRY(const Record* const record, from_.keys.peek());
      if (!is_here(record)) break;
      if (const auto* bad = std::get_if<Unreadable>(&record->row)) {
        from_.findings.add(words_of(Table::idempotency, record->key) +
                           " cannot be read: " + bad->why + ".");
      } else {
        const auto& row = std::get<IdempotencyRow>(record->row);
        stored_keys_.add(bytes_of(UserId{record->key.ids[1]}, record->key.text, row.seq));
      }
      from_.keys.skip();
    }
    return !is_readable_ || wanted_keys_ == stored_keys_;
  }

  /// They differ: looks up each of both sides in the other.
  Result<void> explain_keys() {
    const RecordKey before{.ids = {to_int(head_.id), RecordKey::kMin, RecordKey::kMin}, .text = {}};
    RecordStream messages(from_.snapshot, Table::messages, before);
    while (true) {
      MSG_TRY(const Record* const record, messages.peek());
      if (!is_here(record)) break;
      const Message& row = std::get<Stamped<Message>>(record->row).row;
      if (!row.client_id.empty()) {
        MSG_TRY(const auto found,
                from_.snapshot.find_idempotency(head_.id, row.sender, row.client_id));
        if (!found || found->seq != row.id.seq) {
          add(record->key, "is not found by its client_id: repeated, it would be sent again.");
        }
      }
      messages.skip();
    }
    RecordStream keys(from_.snapshot, Table::idempotency, before);
    while (true) {
      MSG_TRY(const Record* const record, keys.peek());
      if (!is_here(record)) return {};
      if (const auto* entry = std::get_if<IdempotencyRow>(&record->row)) {
        MSG_TRY(const auto found, from_.snapshot.find_message({head_.id, entry->seq}));
        if (!found || found->sender != UserId{record->key.ids[1]} ||
            found->client_id != record->key.text) {
          from_.findings.add(words_of(Table::idempotency, record->key) + " leads to message " +
                             to_string(to_int(entry->seq)) + ", which is not that one.");
        }
      }
      keys.skip();
    }
  }

  const MessageSources& from_;
  const ConversationRow& head_;
  MemberCounts& members_;
  ChangeCheck changes_;
  AnnotationCheck annotations_;
  std::vector<Seq> pins_;
  const Tally::Key key_ = Tally::make_key();
  Tally wanted_keys_{key_};
  Tally stored_keys_{key_};
  std::int64_t last_{0};
  Version newest_version_{};
  bool is_readable_{true};
};

}  // namespace

Result<void> check_messages(const MessageSources& sources, const ConversationRow& head,
                            MemberCounts& members) {
  return MessageCheck(sources, head, members).run();
}

}  // namespace msg
