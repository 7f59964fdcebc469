// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_snapshot.h"

#include <algorithm>
#include <bitset>

#include "store/postgres/placement.h"
#include "store/postgres/postgres_rows.h"

namespace msg::postgres {

Result<std::unique_ptr<PostgresSnapshot>> PostgresSnapshot::take(Pool::Lease lease, View view) {
  view.tells_lives = false;
  auto snapshot = open(std::move(lease), view);
  MSG_CHECK(snapshot->horizon());
  return snapshot;
}

std::unique_ptr<PostgresSnapshot> PostgresSnapshot::open(Pool::Lease lease, View view) {
  return std::unique_ptr<PostgresSnapshot>(new PostgresSnapshot(std::move(lease), view));
}

PostgresSnapshot::~PostgresSnapshot() {
  // Nobody waits for the end of a read; the next one takes it in.
  if (!begun_ || lease_->is_broken()) return;
  lease_->send(Sql::rollback);
  lease_->send_off();
}

Result<Horizon> PostgresSnapshot::horizon() {
  if (!horizon_) {
    MSG_TRY(const Rows rows, query(Sql::horizon, {}));
    MSG_TRY(horizon_, read_horizon(rows));
    has_one_writer_ = rows.size() == 1;
  }
  return *horizon_;
}

Result<Version> PostgresSnapshot::seen_version(ConversationId conversation, const Horizon& seen) {
  MSG_CHECK(horizon());
  if (has_one_writer_) return *std::ranges::max_element(seen.up_to);
  return PostgresReads::seen_version(conversation, seen);
}

// The statements below pass by what a write has at hand, or locks: a write uses the defaults.

Result<std::optional<Participation>> PostgresSnapshot::find_participation(
    ConversationId conversation, UserId user) {
  MSG_TRY(const Rows rows,
          query(Sql::find_participation, Params(conversation, user, view_.tells_lives)));
  if (rows.empty()) return std::nullopt;
  Columns columns(rows, 0);
  MSG_TRY(auto found, read_participation(columns));
  found.life = static_cast<std::uint32_t>(columns.integer());
  return found;
}

Result<std::vector<std::optional<Message>>> PostgresSnapshot::find_messages(
    std::span<const MessageId> ids) {
  std::vector<std::optional<Message>> messages(ids.size());
  if (ids.empty()) return messages;
  Column conversations(Column::Type::int8);
  Column seqs(Column::Type::int8);
  for (const auto& [conversation, seq] : ids) {
    conversations.add(conversation);
    seqs.add(seq);
  }
  MSG_TRY(const Rows rows, query(Sql::find_messages, Params(conversations, seqs)));
  for (int row = 0; row < rows.size(); ++row) {
    Columns columns(rows, row);
    const auto place = static_cast<std::size_t>(columns.integer());
    MSG_TRY(messages.at(place - 1), read_message(columns));
  }
  return messages;
}

void PostgresSnapshot::expect_messages(ConversationId conversation, Seq from, Seq to, int limit,
                                       Order order) {
  expected_.emplace(ExpectedMessages{
      .conversation = conversation, .from = from, .to = to, .limit = limit, .order = order});
}

Result<std::vector<Message>> PostgresSnapshot::list_messages(ConversationId conversation, Seq from,
                                                             Seq to, int limit, Order order) {
  MSG_TRY(auto expected, take_expected(conversation, from, to, limit, order));
  if (expected) return *std::move(expected);
  return PostgresReads::list_messages(conversation, from, to, limit, order);
}

/// Seq is dense: what was expected has all of a range when it has as many as that has.
Result<std::optional<std::vector<Message>>> PostgresSnapshot::take_expected(
    ConversationId conversation, Seq from, Seq to, int limit, Order order) {
  const auto expected = std::exchange(expected_, std::nullopt);
  const bool fits = expected && expected->is_here && expected->conversation == conversation &&
                    expected->order == order && expected->limit == limit;
  if (!fits) return std::nullopt;
  MSG_TRY(auto messages, read_all(expected->rows, read_message));
  std::erase_if(messages, [&](const Message& m) { return m.id.seq < from || m.id.seq > to; });
  const auto wanted = std::min<std::int64_t>(limit, to_int(to) - to_int(from) + 1);
  if (std::cmp_less(messages.size(), wanted)) return std::nullopt;
  return messages;
}

Result<std::vector<LifeTags>> PostgresSnapshot::list_life_tags(std::span<const Horizon> horizons) {
  Column writers(Column::Type::int8);
  Column versions(Column::Type::int8);
  std::vector<LifeTags> tags(horizons.size());
  std::vector<std::uint32_t*> places;
  for (std::size_t i = 0; i < horizons.size(); ++i) {
    for (std::size_t writer = 0; writer < kWritersMax; ++writer) {
      if (horizons[i].up_to.at(writer) == Version{}) continue;
      writers.add(static_cast<std::int64_t>(writer));
      versions.add(horizons[i].up_to.at(writer));
      places.push_back(&tags[i].at(writer));
    }
  }
  if (places.empty()) return tags;
  MSG_TRY(const Rows rows, query(Sql::list_life_tags, Params(writers, versions)));
  for (int row = 0; row < rows.size(); ++row) {
    const auto place = static_cast<std::size_t>(rows.integer(row, 0));
    *places.at(place - 1) = static_cast<std::uint32_t>(rows.integer(row, 1));
  }
  return tags;
}

Result<std::string> PostgresSnapshot::import_state() {
  MSG_TRY(const Rows rows, query(Sql::import_state, {}));
  return rows.empty() ? std::string() : std::string(rows.bytes(0, 0));
}

Result<Rows> PostgresSnapshot::query(Sql statement, const Params& params) {
  if (!begun_) return begin(statement, params);
  MSG_TRY(auto rows, trip(statement, params));
  return std::move(rows.back());
}

bool PostgresSnapshot::must_await(Sql statement) const {
  static const auto asks_others = [] {
    std::bitset<kSqlCount> others;
    for (std::size_t i = 0; i < kSqlCount; ++i) {
      others[i] = reach_of(text_of(static_cast<Sql>(i))) != Reach::coordinator;
    }
    return others;
  }();
  return view_.is_spread && !has_awaited_ && asks_others[static_cast<std::size_t>(statement)];
}

/// What is queued, the statement, and what is expected behind it, which is put aside.
Result<std::vector<Rows>> PostgresSnapshot::trip(Sql statement, const Params& params) {
  const bool brings_more = expected_ && !expected_->is_here;
  const bool awaits =
      must_await(statement) || (brings_more && must_await(list_messages_in(expected_->order)));
  if (awaits) {
    lease_->send(Sql::await_commits);
    has_awaited_ = true;
  }
  lease_->send(statement, params);
  if (brings_more) {
    lease_->send(list_messages_in(expected_->order),
                 Params(expected_->conversation, expected_->from, expected_->to,
                        limit_of(expected_->limit)));
  }
  auto tripped = lease_->trip();
  // A session's locks outlive a statement that was ended over them, and its transaction.
  if (!tripped && awaits) lease_->give_up();
  MSG_TRY(auto rows, std::move(tripped));
  if (brings_more) {
    expected_->rows = std::move(rows.back());
    expected_->is_here = true;
    rows.pop_back();
  }
  return rows;
}

Result<Rows> PostgresSnapshot::begin(Sql statement, const Params& params) {
  auto rows = first_trip(statement, params);
  if (!rows && lease_->is_broken()) {
    MSG_CHECK(lease_.renew());
    rows = first_trip(statement, params);
  }
  return rows;
}

/// BEGIN alone reads nothing: the view is that of the statement behind it.
Result<Rows> PostgresSnapshot::first_trip(Sql statement, const Params& params) {
  begun_ = true;
  has_awaited_ = false;
  lease_->send(Sql::begin_read);
  lease_->send(Sql::is_standby);
  MSG_TRY(auto rows, trip(statement, params));
  if (Columns(rows[1], 0).flag()) {
    lease_->give_up();
    return unavailable("PostgreSQL is a standby now");
  }
  return std::move(rows.back());
}

}  // namespace msg::postgres
