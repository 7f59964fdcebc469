// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_conversations.h"

#include <algorithm>
#include <array>
#include <optional>

#include "maintenance/check_members.h"
#include "maintenance/check_messages.h"
#include "maintenance/check_moderation.h"
#include "maintenance/copy_store.h"
#include "maintenance/describe.h"
#include "maintenance/record_stream.h"

namespace msg {
namespace {

using std::to_string;

/// Goes through all tables of conversations side by side.
class ConversationCheck {
 public:
  ConversationCheck(Snapshot& snapshot, const Horizon& horizon, Findings& findings)
      : snapshot_(snapshot), horizon_(horizon), findings_(findings) {}

  Result<void> run() {
    MSG_TRY(expected_, count_messages(snapshot_));
    while (true) {
      std::optional<std::int64_t> next;
      for (RecordStream* stream : {&heads_, &members_, &changes_, &messages_, &marks_, &keys_,
                                   &message_changes_, &revisions_, &annotations_}) {
        MSG_TRY(const Record* const record, stream->peek());
        if (record != nullptr) next = std::min(next.value_or(INT64_MAX), record->key.ids[0]);
      }
      if (!next) break;
      MSG_CHECK(check(ConversationId{*next}));
    }
    CheckReport& report = findings_.report();
    report.conversations = heads_.rows();
    report.members = members_.rows();
    report.messages = messages_.rows();
    report.idempotency_keys = keys_.rows();
    return {};
  }

 private:
  Result<void> check(ConversationId id) {
    MSG_TRY(const Record* const head, heads_.peek());
    if (head == nullptr || head->key.ids[0] != to_int(id)) {
      return skip_all(id, "there is no such conversation");
    }
    if (const auto* bad = std::get_if<Unreadable>(&head->row)) {
      findings_.add(words_of(id) + ": its head cannot be read: " + bad->why + ".");
      heads_.skip();
      return skip_all(id, "the head of its conversation cannot be read");
    }
    const auto conversation = std::get<Stamped<ConversationRow>>(head->row);
    heads_.skip();
    MSG_TRY(auto members, take_members(conversation.row));
    MSG_CHECK(check_changes(id, members));
    check_member_counts(conversation.row, members, findings_);
    MSG_CHECK(check_blocks_of(snapshot_, conversation.row, findings_));
    if (!horizon_.sees({conversation.row.version, conversation.writer})) {
      findings_.add(words_of(id) + ": its version is above the newest of the store.");
    }
    return check_messages({.snapshot = snapshot_,
                           .messages = messages_,
                           .marks = marks_,
                           .keys = keys_,
                           .changes = message_changes_,
                           .revisions = revisions_,
                           .annotations = annotations_,
                           .horizon = horizon_,
                           .findings = findings_},
                          conversation.row, members);
  }

  /// What is left of a conversation that cannot be looked at as a whole.
  Result<void> skip_all(ConversationId id, std::string_view why) {
    const std::array<std::pair<Table, RecordStream*>, 8> tables{
        {{Table::members, &members_},
         {Table::changed_members, &changes_},
         {Table::messages, &messages_},
         {Table::time_marks, &marks_},
         {Table::idempotency, &keys_},
         {Table::changed_messages, &message_changes_},
         {Table::revisions, &revisions_},
         {Table::annotations, &annotations_}}};
    for (const auto& [table, stream] : tables) {
      std::int64_t count = 0;
      while (true) {
        MSG_TRY(const Record* const record, stream->peek());
        if (record == nullptr || record->key.ids[0] != to_int(id)) break;
        ++count;
        stream->skip();
      }
      if (count == 0) continue;
      findings_.add(words_of(id) + ": " + to_string(count) + " rows of " +
                    std::string(name_of(table)) + " were not looked at: " + std::string(why) + ".");
    }
    return {};
  }

  Result<MemberCounts> take_members(const ConversationRow& head) {
    MemberCounts members;
    while (true) {
      MSG_TRY(const Record* const record, members_.peek());
      if (record == nullptr || record->key.ids[0] != to_int(head.id)) return members;
      if (const auto* bad = std::get_if<Unreadable>(&record->row)) {
        findings_.add(words_of(Table::members, record->key) + " cannot be read: " + bad->why + ".");
      } else {
        const auto& member = std::get<Stamped<MemberRow>>(record->row);
        check_member(member, head, horizon_, findings_);
        auto& kept = members[member.row.user].stored;
        kept = member;
        // Looked at, and most of the bytes; {} would keep them.
        kept.row.delivered_runs = std::vector<ReceiptRun>();
        kept.row.read_runs = std::vector<ReceiptRun>();
      }
      members_.skip();
    }
  }

  /// The entries by version are those of the members, in that order.
  Result<void> check_changes(ConversationId id, const MemberCounts& members) {
    std::vector<RecordKey> wanted;
    wanted.reserve(members.size());
    for (const auto& [user, member] : members) {
      wanted.push_back({.ids = {to_int(id), to_int(member.stored.row.version), to_int(user)}});
    }
    std::ranges::sort(wanted);
    auto next = wanted.begin();
    const auto missing = [&] {
      findings_.add(words_of(Table::changed_members, *next++) + " is missing.");
    };
    while (true) {
      MSG_TRY(const Record* const record, changes_.peek());
      if (record == nullptr || record->key.ids[0] != to_int(id)) break;
      while (next != wanted.end() && *next < record->key) missing();
      if (next != wanted.end() && *next == record->key) {
        ++next;
      } else {
        findings_.add(words_of(Table::changed_members, record->key) + " leads to no member.");
      }
      changes_.skip();
    }
    while (next != wanted.end()) missing();
    return {};
  }

  Snapshot& snapshot_;
  const Horizon& horizon_;
  Findings& findings_;
  std::int64_t expected_{0};
  RecordStream heads_{snapshot_, Table::conversations};
  RecordStream members_{snapshot_, Table::members};
  RecordStream changes_{snapshot_, Table::changed_members};
  RecordStream messages_{snapshot_, Table::messages, RecordKey::first(), [this](std::int64_t rows) {
                           findings_.tell(name_of(Table::messages), rows, expected_);
                         }};
  RecordStream marks_{snapshot_, Table::time_marks};
  RecordStream keys_{snapshot_, Table::idempotency};
  RecordStream message_changes_{snapshot_, Table::changed_messages};
  RecordStream revisions_{snapshot_, Table::revisions};
  RecordStream annotations_{snapshot_, Table::annotations};
};

}  // namespace

Result<void> check_conversations(Snapshot& snapshot, const Horizon& horizon, Findings& findings) {
  return ConversationCheck(snapshot, horizon, findings).run();
}

}  // namespace msg
