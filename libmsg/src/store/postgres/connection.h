// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <bitset>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/params.h"
#include "store/postgres/rows.h"
#include "store/postgres/settings.h"
#include "store/postgres/statements.h"

namespace msg::postgres {

/// What is known of the last trip that failed.
struct Failure {
  std::string sqlstate;     ///< Empty: the server did not say.
  std::size_t statement{};  ///< Which one of the trip the server refused; all before it were done.
  /// The server undid the transaction for a reason that another attempt may not meet.
  bool is_passing() const;
};

/// One session with the server. Statements are queued and make one round trip together; those not
/// prepared yet are prepared on the way. Every call comes back within a deadline: after it, and
/// whenever the server is gone, the connection is broken for good.
///
/// Thread safety: one thread at a time.
class Connection {
 public:
  /// Tries the hosts of the URL in turn, each for its connect_timeout. unavailable: none serves.
  static Result<std::unique_ptr<Connection>> open(const Settings& settings);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs statements of any number without parameters; the first field of the last row of the
  /// last one, as text, or "". Only before the first send().
  Result<std::string> execute(const std::string& sql, std::chrono::milliseconds timeout);

  void send(Sql statement, const Params& params = {});
  /// Sends what is queued and waits for all of it; results in the order of send(). When one fails
  /// the server skips the rest of the trip.
  Result<std::vector<Rows>> trip();
  /// Sends what is queued and does not wait; the next trip takes in the results, and ignores them.
  void send_off();
  /// Ends whatever transaction there is.
  void rollback();

  const Failure& failure() const { return failure_; }
  bool is_broken() const { return broken_; }
  /// Ends the session; for when its server is not what it was.
  void give_up() { broken_ = true; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  /// A statement on its way, or its preparation.
  struct Pending {
    Sql statement;
    bool is_preparation;
    bool is_wanted;
  };

  explicit Connection(const Settings& settings) : settings_(settings) {}
  Result<void> start_session();
  void queue(Sql statement, const Params& params, bool is_wanted);
  Result<void> flush(Deadline deadline);
  Result<void> wait(short events, Deadline deadline);
  Result<PGresult*> next_result(Deadline deadline);
  Result<void> take_results(std::vector<Rows>& wanted, Deadline deadline);
  std::unexpected<Error> lost();
  std::unexpected<Error> refused(const PGresult* result);
  Deadline deadline_after(std::chrono::milliseconds timeout) const;

  const Settings& settings_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::bitset<kSqlCount> prepared_;
  std::vector<Pending> pending_;
  int syncs_{0};  ///< Trips sent off and not taken in.
  std::size_t sent_off_{0};
  Failure failure_;
  bool broken_{false};
};

/// What a caller is told when the server cannot be had.
std::unexpected<Error> unavailable(std::string detail);

}  // namespace msg::postgres
