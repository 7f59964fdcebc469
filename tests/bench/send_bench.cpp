// SPDX-License-Identifier: Apache-2.0
// What a durable send costs over the engine under it: raw SQLite (WAL, synchronous=FULL) writing a
// 200-byte message, a head and an idempotency entry per send, against Messenger on a SQLite store.
//
//   send_bench [seconds per row]      prints messages/s and the ratio to raw SQLite
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "msg/messenger.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_per_row = 2;

/// Calls `work`, which returns how many messages it wrote, until the time is over.
double rate(const std::function<int()>& work) {
  const auto start = Clock::now();
  std::int64_t count = 0;
  std::chrono::duration<double> spent{};
  do {
    count += work();
    spent = Clock::now() - start;
  } while (spent.count() < seconds_per_row);
  return static_cast<double>(count) / spent.count();
}

void run(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    std::fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    std::exit(1);
  }
}

double raw_sqlite(const std::filesystem::path& directory, int batch) {
  sqlite3* db = nullptr;
  sqlite3_open((directory / ("raw" + std::to_string(batch))).c_str(), &db);
  run(db,
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8000;"
      "CREATE TABLE message(c INTEGER, seq INTEGER, body TEXT, PRIMARY KEY(c, seq)) STRICT;"
      "CREATE TABLE head(c INTEGER PRIMARY KEY, seq INTEGER) STRICT;"
      "CREATE TABLE key(c INTEGER, k TEXT, seq INTEGER, PRIMARY KEY(c, k)) STRICT,"
      "WITHOUT ROWID; INSERT INTO head VALUES(1, 0);");
  std::vector<sqlite3_stmt*> statements(3);
  sqlite3_prepare_v2(db, "INSERT INTO message VALUES(1, ?1, ?2)", -1, &statements[0], nullptr);
  sqlite3_prepare_v2(db, "UPDATE head SET seq = ?1 WHERE c = 1", -1, &statements[1], nullptr);
  sqlite3_prepare_v2(db, "INSERT INTO key VALUES(1, ?2, ?1)", -1, &statements[2], nullptr);
  const std::string body(200, 'x');
  std::int64_t seq = 0;
  const double result = rate([&] {
    run(db, "BEGIN IMMEDIATE");
    for (int i = 0; i < batch; ++i) {
      const std::string key = "key-" + std::to_string(++seq);
      for (std::size_t s = 0; s < statements.size(); ++s) {
        const std::string& text = s == 0 ? body : key;
        sqlite3_bind_int64(statements[s], 1, seq);
        if (s != 1) {
          sqlite3_bind_text(statements[s], 2, text.data(), static_cast<int>(text.size()), nullptr);
        }
        sqlite3_step(statements[s]);
        sqlite3_reset(statements[s]);
      }
    }
    run(db, "COMMIT");
    return batch;
  });
  for (auto* statement : statements) sqlite3_finalize(statement);
  sqlite3_close(db);
  return result;
}

struct Bench {
  explicit Bench(const std::string& url)
      : messenger(msg::open(url).value()),
        alice(messenger->register_user({.phone = "+14155550101"}).value().id),
        notes(messenger->open_direct(alice, alice).value().id) {}

  msg::Draft draft() {
    return {.conversation = notes,
            .sender = alice,
            .content = std::string(200, 'x'),
            .client_id = "key-" + std::to_string(++key)};
  }

  std::unique_ptr<msg::Messenger> messenger;
  msg::UserId alice;
  msg::ConversationId notes;
  std::atomic<std::int64_t> key{0};
};

double threads(const std::string& url, int count) {
  Bench bench(url);
  std::atomic<std::int64_t> sent{0};
  std::atomic<bool> stop{false};
  std::vector<std::jthread> senders;
  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) {
    senders.emplace_back([&] {
      while (!stop) {
        if (bench.messenger->send(bench.draft())) ++sent;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds_per_row));
  stop = true;
  senders.clear();
  return static_cast<double>(sent) / std::chrono::duration<double>(Clock::now() - start).count();
}

double pipelined(const std::string& url, int window) {
  Bench bench(url);
  std::counting_semaphore<> free(window);
  const double result = rate([&] {
    free.acquire();
    bench.messenger->send_async(bench.draft(), [&](const auto&) { free.release(); });
    return 1;
  });
  for (int i = 0; i < window; ++i) free.acquire();
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) seconds_per_row = std::atof(argv[1]);
  std::string name = (std::filesystem::temp_directory_path() / "msg-bench-XXXXXX").string();
  const std::filesystem::path directory = mkdtemp(name.data());
  int files = 0;
  const auto url = [&] { return "sqlite:" + (directory / std::to_string(++files)).string(); };
  const double raw_one = raw_sqlite(directory, 1);
  const double raw_64 = raw_sqlite(directory, 64);
  const double raw_512 = raw_sqlite(directory, 512);
  const auto row = [](const char* what, double value, double baseline) {
    std::printf("%-36s %10.0f messages/s   %5.2f of raw\n", what, value, value / baseline);
  };
  row("raw sqlite, 1 per commit", raw_one, raw_one);
  row("raw sqlite, 64 per commit", raw_64, raw_64);
  row("raw sqlite, 512 per commit", raw_512, raw_512);
  row("sqlite, 1 thread", threads(url(), 1), raw_one);
  row("sqlite, 16 threads", threads(url(), 16), raw_64);
  row("sqlite, 64 threads", threads(url(), 64), raw_64);
  row("sqlite, 512 in flight from 1 thread", pipelined(url(), 512), raw_512);
  row("memory, 1 thread", threads("memory:", 1), raw_one);
  row("memory, 512 in flight from 1 thread", pipelined("memory:", 512), raw_512);
  std::filesystem::remove_all(directory);
}
