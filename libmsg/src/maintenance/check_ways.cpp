// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_ways.h"

#include <algorithm>
#include <optional>

#include "core/varint.h"
#include "maintenance/describe.h"
#include "maintenance/record_stream.h"
#include "maintenance/tally.h"

namespace msg {
namespace {

/// A table of rows and a table of what leads to them.
struct Link {
  Table rows;
  Table ways;
};

constexpr std::array kLinks{
    Link{Table::users, Table::phones},          Link{Table::users, Table::usernames},
    Link{Table::sessions, Table::tokens},       Link{Table::api_keys, Table::secrets},
    Link{Table::conversations, Table::directs}, Link{Table::members, Table::memberships},
};

/// What must lead to the row; nothing when nothing needs to. Of a membership only what the member
/// says too.
std::optional<Record> way_to(const Link& link, const Record& record) {
  if (const auto* user = std::get_if<User>(&record.row)) {
    if (link.ways == Table::phones) {
      if (user->phone.empty()) return std::nullopt;
      return Record{{.ids = {}, .text = user->phone}, PhoneEntry{user->id}};
    }
    if (!user->username) return std::nullopt;
    return Record{{.ids = {}, .text = *user->username}, UsernameEntry{user->id}};
  }
  if (const auto* session = std::get_if<SessionRow>(&record.row)) {
    return Record{key_of_hash(session->token),
                  TokenEntry{session->session.user, session->session.id}};
  }
  if (const auto* api_key = std::get_if<ApiKeyRow>(&record.row)) {
    return Record{key_of_hash(api_key->secret), SecretEntry{api_key->key.id}};
  }
  if (const auto* conversation = std::get_if<Stamped<ConversationRow>>(&record.row)) {
    const ConversationRow& row = conversation->row;
    if (row.kind != ConversationKind::direct) return std::nullopt;
    return Record{{.ids = {to_int(row.direct_low), to_int(row.direct_high)}, .text = {}},
                  DirectEntry{row.id}};
  }
  if (const auto* member = std::get_if<Stamped<MemberRow>>(&record.row)) {
    const MembershipRow row{
        .user = member->row.user,
        .conversation = member->row.conversation,
        .active = member->row.active,
        .with_history = member->row.active && member->row.joined_after != Seq{}};
    return Record{key_of(row), Stamped<MembershipRow>{row}};
  }
  return std::nullopt;
}

/// A stored way, less what way_to() cannot know.
Record bare(Record way) {
  if (auto* membership = std::get_if<Stamped<MembershipRow>>(&way.row)) {
    membership->writer = 0;
    membership->row.version = {};
  }
  return way;
}

/// The key of the row that the way leads to.
RecordKey row_key(const Record& way) {
  if (const auto* phone = std::get_if<PhoneEntry>(&way.row)) return {.ids = {to_int(phone->user)}};
  if (const auto* name = std::get_if<UsernameEntry>(&way.row)) return {.ids = {to_int(name->user)}};
  if (const auto* token = std::get_if<TokenEntry>(&way.row)) {
    return {.ids = {to_int(token->user), to_int(token->session)}};
  }
  if (const auto* secret = std::get_if<SecretEntry>(&way.row)) {
    return {.ids = {to_int(secret->key)}};
  }
  if (const auto* direct = std::get_if<DirectEntry>(&way.row)) {
    return {.ids = {to_int(direct->conversation)}};
  }
  return {.ids = {way.key.ids[1], way.key.ids[0]}};
}

/// The record at a key that is made of `count` ids.
Result<std::optional<Record>> find_by_ids(Snapshot& snapshot, Table table, const RecordKey& key,
                                          std::size_t count) {
  RecordKey before = key;
  before.ids.at(count - 1) -= 1;
  MSG_TRY(auto found, snapshot.scan(table, before, {.rows = 1, .bytes = 1}));
  if (found.empty() || found.front().key != key) return std::nullopt;
  return std::move(found.front());
}

std::size_t ids_in(Table rows) {
  const bool has_two = rows == Table::sessions || rows == Table::members ||
                       rows == Table::memberships || rows == Table::directs;
  return has_two ? 2 : 1;
}

/// Whether the store finds by this way what it should.
Result<bool> leads(Snapshot& snapshot, const Link& link, const Record& way) {
  const std::string& text = way.key.text;
  TokenHash hash{};
  if (text.size() == hash.size()) std::ranges::copy(text, hash.begin());
  if (const auto* phone = std::get_if<PhoneEntry>(&way.row)) {
    MSG_TRY(const auto found, snapshot.find_phone(text));
    return found == phone->user;
  }
  if (const auto* name = std::get_if<UsernameEntry>(&way.row)) {
    MSG_TRY(const auto found, snapshot.find_username(text));
    return found == name->user;
  }
  if (const auto* token = std::get_if<TokenEntry>(&way.row)) {
    MSG_TRY(const auto found, snapshot.find_session(hash));
    return found && found->user == token->user && found->id == token->session;
  }
  if (const auto* secret = std::get_if<SecretEntry>(&way.row)) {
    MSG_TRY(const auto found, snapshot.find_api_key(hash));
    return found && found->id == secret->key;
  }
  MSG_TRY(auto found, find_by_ids(snapshot, link.ways, way.key, ids_in(link.ways)));
  return found && bare(*std::move(found)) == way;
}

std::string bytes_of(const Record& way) {
  std::string bytes;
  for (const std::int64_t id : way.key.ids) put_fixed64(bytes, static_cast<std::uint64_t>(id));
  for (const std::int64_t id : row_key(way).ids) put_fixed64(bytes, static_cast<std::uint64_t>(id));
  const auto* membership = std::get_if<Stamped<MembershipRow>>(&way.row);
  put_byte(bytes, membership != nullptr && membership->row.active ? 1 : 0);
  put_byte(bytes, membership != nullptr && membership->row.with_history ? 1 : 0);
  return bytes + way.key.text;
}

template <class Take>
Result<void> for_each(Snapshot& snapshot, Table table, const Findings& findings, Take take) {
  RecordStream records(snapshot, table, RecordKey::first(),
                       [&](std::int64_t rows) { findings.tell(name_of(table), rows, 0); });
  while (true) {
    MSG_TRY(const Record* const record, records.peek());
    if (record == nullptr) return {};
    MSG_CHECK(take(*record));
    records.skip();
  }
}

std::string_view thing(Table ways) {
  switch (ways) {
    case Table::phones:
      return "its phone number";
    case Table::usernames:
      return "its username";
    case Table::tokens:
      return "its token";
    case Table::secrets:
      return "its secret";
    case Table::directs:
      return "its two users";
    default:
      return "its user's list, as active or former as it is";
  }
}

/// The tallies differ: looks up each of both sides in the other.
Result<void> explain(Snapshot& snapshot, const Link& link, Findings& findings) {
  MSG_CHECK(for_each(snapshot, link.rows, findings, [&](const Record& row) -> Result<void> {
    const auto way = way_to(link, row);
    if (!way) return {};
    MSG_TRY(const bool found, leads(snapshot, link, *way));
    if (!found) {
      findings.add(words_of(link.rows, row.key) + " is not found by " +
                   std::string(thing(link.ways)) + ".");
    }
    return {};
  }));
  return for_each(snapshot, link.ways, findings, [&](const Record& stored) -> Result<void> {
    if (std::holds_alternative<Unreadable>(stored.row)) return {};
    const RecordKey key = row_key(stored);
    MSG_TRY(const auto row, find_by_ids(snapshot, link.rows, key, ids_in(link.rows)));
    const auto wanted = row ? way_to(link, *row) : std::nullopt;
    if (wanted == bare(stored)) return {};
    findings.add(words_of(link.ways, stored.key) + " leads to " + words_of(link.rows, key) +
                 (row ? ", which has another." : ", which does not exist."));
    return {};
  });
}

Result<void> check_link(Snapshot& snapshot, const Link& link, Findings& findings) {
  const auto key = Tally::make_key();
  Tally wanted(key);
  Tally stored(key);
  MSG_CHECK(for_each(snapshot, link.rows, findings, [&](const Record& row) -> Result<void> {
    if (const auto way = way_to(link, row)) wanted.add(bytes_of(*way));
    return {};
  }));
  MSG_CHECK(for_each(snapshot, link.ways, findings, [&](const Record& way) -> Result<void> {
    if (const auto* bad = std::get_if<Unreadable>(&way.row)) {
      findings.add(words_of(link.ways, way.key) + " cannot be read: " + bad->why + ".");
    } else {
      stored.add(bytes_of(way));
    }
    return {};
  }));
  return wanted == stored ? Result<void>{} : explain(snapshot, link, findings);
}

}  // namespace

Result<void> check_ways(Snapshot& snapshot, Findings& findings) {
  for (const Link& link : kLinks) MSG_CHECK(check_link(snapshot, link, findings));
  return {};
}

}  // namespace msg
