// SPDX-License-Identifier: Apache-2.0
#include "raw_postgres.h"

#include <cstdio>
#include <cstdlib>

#include "sample.h"

namespace msg::bench {
namespace {

constexpr const char* kSchema = R"sql(
DROP SCHEMA IF EXISTS raw CASCADE; CREATE SCHEMA raw; SET search_path = raw;
CREATE TABLE message (room INT8, seq INT8, version INT8, sender INT8, reply_to INT8,
  timestamp INT8, edited_at INT8, deleted BOOL, kind TEXT, client_id TEXT, content TEXT,
  PRIMARY KEY (room, seq));
CREATE TABLE key (room INT8, sender INT8, seq INT8, client_id TEXT COLLATE "C", hash BYTEA,
  PRIMARY KEY (room, sender, client_id));
CREATE TABLE head (room INT8 PRIMARY KEY, seq INT8, version INT8, title TEXT, senders BYTEA)
  WITH (fillfactor = 50);
CREATE TABLE member (room INT8, user_id INT8, delivered INT8, read INT8, version INT8, role TEXT,
  PRIMARY KEY (room, user_id));
CREATE TABLE membership (user_id INT8, room INT8, version INT8, PRIMARY KEY (user_id, room));
PREPARE message (INT8, INT8, INT8, INT8, TEXT, TEXT) AS
  INSERT INTO message VALUES ($1, $2, $3, $4, NULL, NULL, NULL, false, 'text', $5, $6);
PREPARE key (INT8, INT8, INT8, TEXT, BYTEA) AS INSERT INTO key VALUES ($1, $2, $3, $4, $5);
PREPARE head (INT8, INT8, INT8, BYTEA) AS
  UPDATE head SET seq = $2, version = $3, senders = $4 WHERE room = $1;
PREPARE page (INT8, INT8, INT8) AS
  SELECT * FROM message WHERE room = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3;
PREPARE heads (INT8) AS
  SELECT * FROM membership JOIN head USING (room) JOIN member USING (room, user_id)
  WHERE membership.user_id = $1 ORDER BY room;
)sql";

constexpr std::int64_t kUser = 7'000'000'000'001;
constexpr std::int64_t kVersion = std::int64_t{1'800'000'000'000} << 16;
constexpr const char* kHash = "\\x01020300000000000000000000000000";

std::string room_id(std::int64_t number) {
  return std::to_string(7'000'000'000'000 + number * 4096);
}

[[noreturn]] void give_up(PGconn* connection) {
  std::fprintf(stderr, "raw postgres: %s\n", PQerrorMessage(connection));
  std::exit(1);
}

}  // namespace

RawPostgres::RawPostgres(const std::string& url, int rooms)
    : connection_(PQconnectdb(url.c_str())), numbering_{rooms} {
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  run(kSchema);
  run("INSERT INTO head SELECT 7000000000000 + i * 4096, 0, 1, 'Room', ''"
      " FROM generate_series(0, " +
      std::to_string(rooms - 1) +
      ") AS i;"
      "INSERT INTO membership SELECT 7000000000001, room, 1 FROM head;"
      "INSERT INTO member SELECT room, 7000000000001, 0, 0, 1, 'member' FROM head; ANALYZE");
  PQenterPipelineMode(connection_);
}

RawPostgres::~RawPostgres() {
  PQfinish(connection_);
}

void RawPostgres::write(int batch) {
  PQsendQueryParams(connection_, "BEGIN", 0, nullptr, nullptr, nullptr, nullptr, 0);
  for (int i = 0; i < batch; ++i) {
    const auto number = numbering_.count;
    const auto [room, seq] = numbering_.next();
    const std::string id = room_id(room);
    const std::string place = std::to_string(seq);
    const std::string client_id = "key-" + std::to_string(number);
    const std::string version = std::to_string(kVersion + number);
    const std::string user = std::to_string(kUser);
    send<6>("message", {id, place, version, user, client_id, sample_text(number)});
    send<5>("key", {id, user, place, client_id, kHash});
    if (i < numbering_.rooms) send<4>("head", {id, place, version, kHash});
  }
  PQsendQueryParams(connection_, "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 0);
  finish();
}

std::size_t RawPostgres::read_page(int room, std::int64_t seq, int limit) {
  send<3>("page", {room_id(room), std::to_string(seq), std::to_string(limit)});
  return finish();
}

std::size_t RawPostgres::read_heads() {
  send<1>("heads", {std::to_string(kUser)});
  return finish();
}

void RawPostgres::run(const std::string& sql) {
  PGresult* result = PQexec(connection_, sql.c_str());
  if (PQresultStatus(result) != PGRES_COMMAND_OK) give_up(connection_);
  PQclear(result);
}

template <std::size_t N>
void RawPostgres::send(const char* statement, const std::array<std::string, N>& values) {
  std::array<const char*, N> texts{};
  for (std::size_t i = 0; i < N; ++i) texts[i] = values[i].c_str();
  PQsendQueryPrepared(connection_, statement, static_cast<int>(N), texts.data(), nullptr, nullptr,
                      0);
}

std::size_t RawPostgres::finish() {
  PQpipelineSync(connection_);
  texts_.clear();
  std::size_t rows = 0;
  while (true) {
    PGresult* result = PQgetResult(connection_);
    const auto status = PQresultStatus(result);
    for (int row = 0; status == PGRES_TUPLES_OK && row < PQntuples(result); ++row, ++rows) {
      for (int column = 0; column < PQnfields(result); ++column) {
        texts_.emplace_back(PQgetvalue(result, row, column));
      }
    }
    PQclear(result);
    if (status == PGRES_PIPELINE_SYNC) return rows;
    const bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (result != nullptr && !is_good) give_up(connection_);
    if (PQstatus(connection_) == CONNECTION_BAD) give_up(connection_);
  }
}

}  // namespace msg::bench
