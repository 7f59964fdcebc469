// SPDX-License-Identifier: Apache-2.0
#include "raw_postgres.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace msg::bench {
namespace {

[[noreturn]] void give_up(PGconn* connection) {
  std::fprintf(stderr, "raw postgres: %s\n", PQerrorMessage(connection));
  std::exit(1);
}

}  // namespace

RawPostgres::RawPostgres(const std::string& url, int conversations)
    : connection_(PQconnectdb(url.c_str())), conversations_(conversations) {
  run("DROP SCHEMA IF EXISTS raw CASCADE; CREATE SCHEMA raw; SET search_path = raw;"
      "CREATE TABLE message (conversation_id INT8, seq INT8, body TEXT,"
      " PRIMARY KEY (conversation_id, seq));"
      "CREATE TABLE head (id INT8 PRIMARY KEY, seq INT8) WITH (fillfactor = 50);"
      "CREATE TABLE key (conversation_id INT8, client_id TEXT, seq INT8,"
      " PRIMARY KEY (conversation_id, client_id));"
      "INSERT INTO head SELECT i, 0 FROM generate_series(0, 1000) AS i;"
      "PREPARE message (INT8, INT8, TEXT) AS INSERT INTO message VALUES ($1, $2, $3);"
      "PREPARE head (INT8, INT8) AS UPDATE head SET seq = $2 WHERE id = $1;"
      "PREPARE key (INT8, INT8, TEXT) AS INSERT INTO key VALUES ($1, $3, $2)");
  PQenterPipelineMode(connection_);
}

RawPostgres::~RawPostgres() {
  PQfinish(connection_);
}

int RawPostgres::write(int batch) {
  static const std::string body(200, 'x');
  PQsendQueryParams(connection_, "BEGIN", 0, nullptr, nullptr, nullptr, nullptr, 0);
  for (int i = 0; i < batch; ++i) {
    const std::string seq = std::to_string(++seq_);
    const std::string key = "key-" + seq;
    const std::string room = std::to_string(seq_ % conversations_);
    const std::array<const char*, 3> message{room.c_str(), seq.c_str(), body.c_str()};
    const std::array<const char*, 3> entry{room.c_str(), seq.c_str(), key.c_str()};
    PQsendQueryPrepared(connection_, "message", 3, message.data(), nullptr, nullptr, 0);
    PQsendQueryPrepared(connection_, "head", 2, message.data(), nullptr, nullptr, 0);
    PQsendQueryPrepared(connection_, "key", 3, entry.data(), nullptr, nullptr, 0);
  }
  PQsendQueryParams(connection_, "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQpipelineSync(connection_);
  while (true) {
    PGresult* result = PQgetResult(connection_);
    const auto status = PQresultStatus(result);
    PQclear(result);
    if (status == PGRES_PIPELINE_SYNC) return batch;
    if (result != nullptr && status != PGRES_COMMAND_OK) give_up(connection_);
    if (PQstatus(connection_) == CONNECTION_BAD) give_up(connection_);
  }
}

void RawPostgres::run(const char* sql) {
  PGresult* result = PQexec(connection_, sql);
  if (PQresultStatus(result) != PGRES_COMMAND_OK) give_up(connection_);
  PQclear(result);
}

}  // namespace msg::bench
