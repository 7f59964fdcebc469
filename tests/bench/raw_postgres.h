// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <string>

namespace msg::bench {

/// PostgreSQL without the library: what a send has to store (a message of 200 bytes, its key, the
/// head), in pipelined prepared statements.
class RawPostgres {
 public:
  /// The messages go to so many conversations in turn.
  RawPostgres(const std::string& url, int conversations);
  ~RawPostgres();
  RawPostgres(const RawPostgres&) = delete;
  RawPostgres& operator=(const RawPostgres&) = delete;

  /// One transaction of `batch` messages in one round trip. Returns `batch`.
  int write(int batch);

 private:
  void run(const char* sql);

  PGconn* connection_;
  int conversations_;
  std::int64_t seq_{0};
};

}  // namespace msg::bench
