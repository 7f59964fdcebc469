// SPDX-License-Identifier: Apache-2.0
#include "maintenance/writer_runs.h"

#include <algorithm>
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

/// Of the head, the members and their memberships, ascending.
Result<std::vector<Stamp>> stamps_of_members(Snapshot& snapshot,
                                             const Stamped<ConversationRow>& head) {
  const ConversationId id = head.row.id;
  std::vector<Stamp> stamps{{head.row.version, head.writer}};
  RecordStream members(snapshot, Table::members,
                       {.ids = {to_int(id), RecordKey::kMin, RecordKey::kMin}, .text = {}});
  while (true) {
    MSG_TRY(const Record* const record, members.peek());
    if (record == nullptr || record->key.ids[0] != to_int(id)) break;
    if (const auto* member = std::get_if<Stamped<MemberRow>>(&record->row)) {
      stamps.push_back({member->row.version, member->writer});
      const RecordKey before{.ids = {record->key.ids[1], to_int(id) - 1, 0}, .text = {}};
      MSG_TRY(const auto found, snapshot.scan(Table::memberships, before, {.rows = 1, .bytes = 1}));
      const auto* own =
          found.empty() ? nullptr : std::get_if<Stamped<MembershipRow>>(&found[0].row);
      if (own != nullptr && own->row.conversation == id && own->row.user == member->row.user) {
        stamps.push_back({own->row.version, own->writer});
      }
    }
    members.skip();
  }
  std::ranges::sort(stamps, {}, &Stamp::version);
  return stamps;
}

}  // namespace

Result<void> for_each_writer_run(Snapshot& snapshot, const Stamped<ConversationRow>& head,
                                 const std::function<Result<void>(const WriterRun&)>& take) {
  const ConversationId id = head.row.id;
  MSG_TRY(const auto others, stamps_of_members(snapshot, head));
  auto other = others.begin();
  Runs runs(id, take);
  RecordStream messages(snapshot, Table::messages,
                        {.ids = {to_int(id), RecordKey::kMin, RecordKey::kMin}, .text = {}});
  while (true) {
    MSG_TRY(const Record* const record, messages.peek());
    if (record == nullptr || record->key.ids[0] != to_int(id)) break;
    if (const auto* message = std::get_if<Stamped<Message>>(&record->row)) {
      for (; other != others.end() && other->version < message->row.version; ++other) {
        MSG_CHECK(runs.add(*other));
      }
      MSG_CHECK(runs.add({message->row.version, message->writer}));
    }
    messages.skip();
  }
  for (; other != others.end(); ++other) MSG_CHECK(runs.add(*other));
  return {};
}

}  // namespace msg
