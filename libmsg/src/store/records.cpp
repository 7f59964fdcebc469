// SPDX-License-Identifier: Apache-2.0
#include "store/records.h"

namespace msg {
namespace {

constexpr std::array<std::string_view, kTables> kNames{
    "users",        "phone numbers", "usernames",        "sessions",
    "tokens",       "API keys",      "secrets",          "conversations",
    "direct pairs", "members",       "member changes",   "memberships",
    "messages",     "time marks",    "idempotency keys", "changed messages",
    "revisions",    "annotations",   "side records",     "expiries"};

}  // namespace

std::string_view name_of(Table table) {
  return kNames.at(static_cast<std::size_t>(table));
}

bool is_way(Table table) {
  switch (table) {
    case Table::phones:
    case Table::usernames:
    case Table::tokens:
    case Table::secrets:
    case Table::directs:
    case Table::changed_members:
    case Table::time_marks:
    case Table::expiries:
      return true;
    case Table::users:
    case Table::sessions:
    case Table::api_keys:
    case Table::conversations:
    case Table::members:
    case Table::memberships:
    case Table::messages:
    case Table::idempotency:
    case Table::changed_messages:
    case Table::revisions:
    case Table::annotations:
    case Table::side_records:
      return false;
  }
  return false;
}

std::size_t size_of(const Record& record) {
  constexpr std::size_t kRow = 96;
  constexpr std::size_t kRun = 16;
  std::size_t size = kRow + record.key.text.size();
  if (const auto* message = std::get_if<Stamped<Message>>(&record.row)) {
    size += message->row.content.size() + message->row.client_id.size();
  } else if (const auto* member = std::get_if<Stamped<MemberRow>>(&record.row)) {
    size += kRun * (member->row.delivered_runs.size() + member->row.read_runs.size());
  } else if (const auto* user = std::get_if<User>(&record.row)) {
    size += user->display_name.size() + user->about.size() + user->avatar.size();
  } else if (const auto* revisions = std::get_if<RevisionsRow>(&record.row)) {
    for (const Revision& revision : revisions->revisions) {
      size += kRun + revision.content.size();
    }
  } else if (const auto* annotation = std::get_if<AnnotationRow>(&record.row)) {
    for (const auto& reaction : annotation->reactions) size += kRun + reaction.emoji.size();
  } else if (const auto* side = std::get_if<SideRecord>(&record.row)) {
    size += side->key.size() + side->value.size();
  }
  return size;
}

RecordKey key_of(const User& row) {
  return {.ids = {to_int(row.id)}};
}
RecordKey key_of(const SessionRow& row) {
  return {.ids = {to_int(row.session.user), to_int(row.session.id)}};
}
RecordKey key_of(const ApiKeyRow& row) {
  return {.ids = {to_int(row.key.id)}};
}
RecordKey key_of(const ConversationRow& row) {
  return {.ids = {to_int(row.id)}};
}
RecordKey key_of(const MemberRow& row) {
  return {.ids = {to_int(row.conversation), to_int(row.user)}};
}
RecordKey key_of(const MembershipRow& row) {
  return {.ids = {to_int(row.user), to_int(row.conversation)}};
}
RecordKey key_of(const Message& row) {
  return {.ids = {to_int(row.id.conversation), to_int(row.id.seq)}};
}
RecordKey key_of(const RevisionsRow& row) {
  return {.ids = {to_int(row.message.conversation), to_int(row.message.seq)}};
}
RecordKey key_of(const AnnotationRow& row) {
  return {.ids = {to_int(row.message.conversation), to_int(row.message.seq), to_int(row.user)}};
}
RecordKey key_of(const SideRecord& row) {
  return {.ids = {to_int(row.kind), row.owner}, .text = row.key};
}
RecordKey key_of_hash(const TokenHash& hash) {
  return {.ids = {}, .text = {reinterpret_cast<const char*>(hash.data()), hash.size()}};
}

}  // namespace msg
