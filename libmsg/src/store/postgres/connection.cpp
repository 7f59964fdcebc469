// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace msg::postgres {
namespace {

constexpr std::chrono::milliseconds kRetryAfter{500};
/// What the server may take longer than its own timeout before it is given up.
constexpr std::chrono::milliseconds kGrace{1'000};

std::string_view or_empty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string statement_name(Sql statement) {
  return "m" + std::to_string(static_cast<std::size_t>(statement));
}

bool is_error(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
         status != PGRES_PIPELINE_ABORTED;
}

/// How this library uses the server: short transactions, each bounded there too, so that a client
/// that is gone holds nothing up; and plans by index only, whatever the statistics of a young
/// table say, made once.
std::string session_settings(std::chrono::milliseconds timeout) {
  return "SET statement_timeout = " + std::to_string(timeout.count()) +
         ";"
         "SET idle_in_transaction_session_timeout = " +
         std::to_string(2 * timeout.count()) +
         ";"
         "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
         "SET enable_bitmapscan = off;"
         "SET jit = off;"
         // Citus cannot plan most of what asks several shards before it has the values.
         "SELECT set_config('plan_cache_mode', CASE WHEN EXISTS (SELECT FROM pg_extension"
         " WHERE extname = 'citus') THEN 'auto' ELSE 'force_generic_plan' END, false);"
         // One connection to each of its machines, and so one view of it.
         "SELECT set_config('citus.max_adaptive_executor_pool_size', '1', false)"
         " FROM pg_extension WHERE extname = 'citus';"
         // Stronger settings of the operator stay; a commit that is not on disk is none.
         "SELECT set_config('synchronous_commit', 'on', false)"
         " WHERE current_setting('synchronous_commit') = 'off'";
}

}  // namespace

std::unexpected<Error> unavailable(std::string detail) {
  return std::unexpected(Error{.code = Code::unavailable,
                               .detail = std::move(detail),
                               .field = {},
                               .retry_after = kRetryAfter});
}

/// It lost a race for a lock or for a key, or the session was ended before it came to the commit.
bool Failure::is_passing() const {
  constexpr std::array<std::string_view, 8> kPassing{
      "40001",  // serialization_failure
      "40P01",  // deadlock_detected
      "23505",  // unique_violation: another process made the same phone, name or conversation
      "57P01",  // admin_shutdown
      "57P02",  // crash_shutdown
      "57P03",  // cannot_connect_now
      "25006",  // read_only_sql_transaction: the primary has become a standby
      "25P03",  // idle_in_transaction_session_timeout
  };
  return std::ranges::find(kPassing, sqlstate) != kPassing.end();
}

Result<std::unique_ptr<Connection>> Connection::open(const Settings& settings) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : settings.keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<Connection> opened(new Connection(settings));
  // The one call that waits by itself: only so does libpq keep connect_timeout for each host.
  opened->connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
  if (PQstatus(opened->connection_.get()) != CONNECTION_OK) return opened->lost();
  MSG_CHECK(opened->start_session());
  return opened;
}

Result<void> Connection::start_session() {
  auto* connection = connection_.get();
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(connection, 1) != 0) return lost();
  MSG_CHECK(execute(session_settings(settings_.timeout), settings_.timeout));
  return {};
}

Result<std::string> Connection::execute(const std::string& sql, std::chrono::milliseconds timeout) {
  const auto deadline = deadline_after(timeout);
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return lost();
  MSG_CHECK(flush(deadline));
  std::string field;
  Result<std::string> outcome;
  while (true) {
    MSG_TRY(PGresult* const result, next_result(deadline));
    if (result == nullptr) break;
    const Rows rows(result);
    if (is_error(result)) {
      outcome = refused(result);
      if (broken_) return outcome;
    } else if (!rows.empty()) {
      field = rows.bytes(0, 0);
    }
  }
  if (outcome) outcome = std::move(field);
  return outcome;
}

void Connection::send(Sql statement, const Params& params) {
  queue(statement, params, true);
}

void Connection::queue(Sql statement, const Params& params, bool is_wanted) {
  if (broken_) return;
  auto* connection = connection_.get();
  if (PQpipelineStatus(connection) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection) == 0) {
    broken_ = true;
    return;
  }
  const std::string name = statement_name(statement);
  const auto index = static_cast<std::size_t>(statement);
  if (!prepared_[index]) {
    broken_ = PQsendPrepare(connection, name.c_str(), text_of(statement), 0, nullptr) == 0;
    pending_.push_back({statement, true, false});
    prepared_[index] = true;
  }
  const auto arrays = params.arrays();
  broken_ =
      broken_ || PQsendQueryPrepared(connection, name.c_str(),
                                     static_cast<int>(arrays.values.size()), arrays.values.data(),
                                     arrays.lengths.data(), arrays.formats.data(), 1) == 0;
  pending_.push_back({statement, false, is_wanted});
}

Result<std::vector<Rows>> Connection::trip() {
  failure_ = {};
  const auto deadline = deadline_after(settings_.timeout);
  if (broken_ || PQpipelineSync(connection_.get()) == 0) return lost();
  ++syncs_;
  MSG_CHECK(flush(deadline));
  std::vector<Rows> rows;
  Result<void> outcome;
  // Trips that were sent off end with a sync of their own.
  while (syncs_ > 0) {
    auto taken = take_results(rows, deadline);
    if (broken_) return std::unexpected(std::move(taken).error());
    if (syncs_ == 0 && !taken) outcome = std::move(taken);
  }
  pending_.clear();
  sent_off_ = 0;
  if (!outcome) return std::unexpected(std::move(outcome).error());
  return rows;
}

void Connection::send_off() {
  for (std::size_t i = sent_off_; i < pending_.size(); ++i) pending_[i].is_wanted = false;
  sent_off_ = pending_.size();
  if (broken_ || PQpipelineSync(connection_.get()) == 0 || PQflush(connection_.get()) < 0) {
    broken_ = true;
    return;
  }
  ++syncs_;
}

void Connection::rollback() {
  if (broken_) return;
  send(Sql::rollback);
  if (!trip()) broken_ = true;
}

/// Up to the next sync.
Result<void> Connection::take_results(std::vector<Rows>& wanted, Deadline deadline) {
  Result<void> outcome;
  std::size_t statement = 0;
  std::size_t taken = 0;
  while (true) {
    MSG_TRY(PGresult* const result, next_result(deadline));
    if (result == nullptr) {  // what ends the results of each statement
      if (PQstatus(connection_.get()) == CONNECTION_BAD) return lost();
      continue;
    }
    Rows rows(result);
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) break;
    if (taken == pending_.size()) return lost();
    const Pending pending = pending_[taken++];
    const bool failed = is_error(result);
    if (pending.is_preparation && PQresultStatus(result) != PGRES_COMMAND_OK) {
      prepared_[static_cast<std::size_t>(pending.statement)] = false;
    }
    if (failed && outcome) {
      auto why = refused(result);
      failure_.statement = statement;
      outcome = std::move(why);
      if (broken_) return outcome;
    }
    if (pending.is_preparation) continue;
    ++statement;
    if (pending.is_wanted && outcome) wanted.push_back(std::move(rows));
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken));
  --syncs_;
  return outcome;
}

Result<PGresult*> Connection::next_result(Deadline deadline) {
  auto* connection = connection_.get();
  while (PQisBusy(connection) != 0) {
    MSG_CHECK(wait(POLLIN, deadline));
    if (PQconsumeInput(connection) == 0) break;  // the result says why
  }
  return PQgetResult(connection);
}

Result<void> Connection::flush(Deadline deadline) {
  auto* connection = connection_.get();
  while (true) {
    const int left = PQflush(connection);
    if (left == 0) return {};
    if (left < 0) return {};  // gone: what the server said last may still be read
    MSG_CHECK(wait(POLLIN | POLLOUT, deadline));
    // The server may wait for us to read before it reads more.
    if (PQconsumeInput(connection) == 0) return {};
  }
}

Result<void> Connection::wait(short events, Deadline deadline) {
  pollfd descriptor{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    const int ready = ::poll(&descriptor, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return lost();
  }
  broken_ = true;
  return unavailable("PostgreSQL did not answer in time; the outcome is unknown");
}

std::unexpected<Error> Connection::lost() {
  broken_ = true;
  std::string why = settings_.without_secrets(or_empty(PQerrorMessage(connection_.get())));
  while (why.ends_with('\n')) why.pop_back();
  return unavailable("PostgreSQL: " + why);
}

std::unexpected<Error> Connection::refused(const PGresult* result) {
  failure_.sqlstate = or_empty(PQresultErrorField(result, PG_DIAG_SQLSTATE));
  if (failure_.sqlstate.empty()) return lost();
  // A server that is going down, or is a standby now, is no longer ours.
  const bool is_over = failure_.sqlstate.starts_with("57P") || failure_.sqlstate == "25006" ||
                       failure_.sqlstate == "25P03";
  if (is_over || PQstatus(connection_.get()) == CONNECTION_BAD) broken_ = true;
  const std::string why =
      "PostgreSQL: " + std::string(or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY))) +
      " (" + failure_.sqlstate + ")";
  if (failure_.sqlstate.starts_with("XX00")) return fail(Code::corrupt, why);
  return unavailable(why);
}

Connection::Deadline Connection::deadline_after(std::chrono::milliseconds timeout) const {
  return std::chrono::steady_clock::now() + timeout + kGrace;
}

}  // namespace msg::postgres
