// SPDX-License-Identifier: Apache-2.0
#include "maintenance/writer_runs.h"

#include <iterator>
#include <map>
#include <optional>

#include "maintenance/record_stream.h"

namespace msg {
namespace {

/// Makes runs of stamps that come in the order of their versions.
class Runs {
 public:
  Runs(ConversationId conversation, const std::function<Result<void>(const WriterRun&)>& take)
      : conversation_(conversation), take_(take) {}

  Result<void> add(const Stamp& stamp) {
    if (writer_ == stamp.writer) return {};
    writer_ = stamp.writer;
    return take_({.conversation = conversation_, .from = stamp.version, .writer = stamp.writer});
  }

 private:
  ConversationId conversation_;
  const std::function<Result<void>(const WriterRun&)>& take_;
  std::optional<std::size_t> writer_;
};

/// Stamps of the head, the members and their memberships, in the order of versions.
class MemberStamps {
 public:
  MemberStamps(Snapshot& snapshot, const Stamped<ConversationRow>& head, std::size_t count_max)
      : snapshot_(snapshot), head_(head), count_max_(count_max) {}

  /// The one that comes next, nothing at the end.
  Result<std::optional<Stamp>> peek() {
    if (sorted_.empty() && has_more_) MSG_CHECK(read_on());
    if (sorted_.empty()) return std::nullopt;
    const auto& [version, writer] = *sorted_.begin();
    return Stamp{.version = version, .writer = writer};
  }
  void skip() { sorted_.erase(sorted_.begin()); }

 private:
  /// Keeps the first of those behind the ones already given.
  void take(const Stamp& stamp) {
    if (stamp.version <= last_) return;
    sorted_.emplace(stamp.version, stamp.writer);  // a version has one writer, however often it is
    if (sorted_.size() <= count_max_) return;
    sorted_.erase(std::prev(sorted_.end()));
    has_more_ = true;
  }

  Result<void> read_on() {
    const ConversationId id = head_.row.id;
    has_more_ = false;
    take({head_.row.version, head_.writer});
    RecordStream members(snapshot_, Table::members,
                         {.ids = {to_int(id), RecordKey::kMin, RecordKey::kMin}, .text = {}});
    while (true) {
      MSG_TRY(const Record* const record, members.peek());
      if (record == nullptr || record->key.ids[0] != to_int(id)) break;
      if (const auto* member = std::get_if<Stamped<MemberRow>>(&record->row)) {
        take({member->row.version, member->writer});
        MSG_CHECK(take_membership(member->row));
      }
      members.skip();
    }
    if (!sorted_.empty()) last_ = sorted_.rbegin()->first;
    return {};
  }

  Result<void> take_membership(const MemberRow& member) {
    const RecordKey before{.ids = {to_int(member.user), to_int(member.conversation) - 1, 0},
                           .text = {}};
    MSG_TRY(const auto found, snapshot_.scan(Table::memberships, before, {.rows = 1, .bytes = 1}));
    const auto* own = found.empty() ? nullptr : std::get_if<Stamped<MembershipRow>>(&found[0].row);
    if (own != nullptr && own->row.conversation == member.conversation &&
        own->row.user == member.user) {
      take({own->row.version, own->writer});
    }
    return {};
  }

  Snapshot& snapshot_;
  const Stamped<ConversationRow>& head_;
  std::size_t count_max_;
  std::map<Version, std::size_t> sorted_;
  Version last_{RecordKey::kMin};
  bool has_more_{true};
};

/// Stamps of the changes of messages, which come in the order of versions.
class ChangeStamps {
 public:
  ChangeStamps(Snapshot& snapshot, ConversationId id)
      : id_(to_int(id)),
        changes_(snapshot, Table::changed_messages,
                 {.ids = {id_, RecordKey::kMin, RecordKey::kMin}, .text = {}}) {}

  Result<std::optional<Stamp>> peek() {
    while (true) {
      MSG_TRY(const Record* const record, changes_.peek());
      if (record == nullptr || record->key.ids[0] != id_) return std::nullopt;
      if (const auto* change = std::get_if<ChangedMessage>(&record->row)) {
        return Stamp{.version = Version{record->key.ids[1]}, .writer = change->writer};
      }
      changes_.skip();
    }
  }
  void skip() { changes_.skip(); }

 private:
  std::int64_t id_;
  RecordStream changes_;
};

}  // namespace

Result<void> for_each_writer_run(Snapshot& snapshot, const Stamped<ConversationRow>& head,
                                 const std::function<Result<void>(const WriterRun&)>& take,
                                 std::size_t stamps_max) {
  const ConversationId id = head.row.id;
  MemberStamps others(snapshot, head, stamps_max);
  Runs runs(id, take);
  ChangeStamps changes(snapshot, id);
  const auto add_others = [&](std::optional<Version> before) -> Result<void> {
    while (true) {
      MSG_TRY(const auto other, others.peek());
      MSG_TRY(const auto change, changes.peek());
      const bool is_change = change && (!other || change->version <= other->version);
      const auto& first = is_change ? change : other;
      if (!first || (before && first->version >= *before)) return {};
      MSG_CHECK(runs.add(*first));
      is_change ? changes.skip() : others.skip();
    }
  };
  RecordStream messages(snapshot, Table::messages,
                        {.ids = {to_int(id), RecordKey::kMin, RecordKey::kMin}, .text = {}});
  while (true) {
    MSG_TRY(const Record* const record, messages.peek());
    if (record == nullptr || record->key.ids[0] != to_int(id)) break;
    if (const auto* message = std::get_if<Stamped<Message>>(&record->row)) {
      MSG_CHECK(add_others(message->row.version));
      MSG_CHECK(runs.add({message->row.version, message->writer}));
    }
    messages.skip();
  }
  return add_others(std::nullopt);
}

}  // namespace msg
