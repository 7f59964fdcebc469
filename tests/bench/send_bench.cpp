// SPDX-License-Identifier: Apache-2.0
// What a durable send costs over the engine under it, as the ratio of two rates: Messenger with so
// many senders, and the bare engine with as many sends to each commit.
//
//   send_bench [--store sqlite|rocksdb|memory|postgres]... [--row "64 senders"]
//              [--seconds 1] [--rounds 5] [--rooms 1]
//
// A machine is not the same from one second to the next, so the two take turns, and what is printed
// are medians over the rounds. TMPDIR says which disk.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "msg/messenger.h"
#include "raw_postgres.h"
#include "raw_rocksdb.h"
#include "raw_sqlite.h"
#include "support/postgres_server.h"

namespace msg::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::vector<std::string> stores;
  double seconds = 1;
  int rounds = 5;
  std::string row;  // only rows that contain this
  int rooms = 1;    // conversations that the messages go to in turn
};

/// Messages per second, and what one costs this process: the figure that others on the machine
/// change least.
struct Figures {
  double rate;
  double cpu_us;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }
  [[nodiscard]] Figures figures(std::int64_t messages) const {
    const auto count = static_cast<double>(messages);
    return {.rate = count / seconds(), .cpu_us = (cpu_seconds() - cpu_) * 1e6 / count};
  }

 private:
  Clock::time_point start_ = Clock::now();
  double cpu_ = cpu_seconds();
};

/// Calls `work`, which returns how many messages it wrote, until the time is over.
Figures repeat(double seconds, const std::function<int()>& work) {
  const Stopwatch watch;
  std::int64_t count = 0;
  while (watch.seconds() < seconds) count += work();
  return watch.figures(count);
}

struct Chat {
  Chat(const std::string& url, int count)
      : messenger(open(url).value()),
        alice(messenger->register_user({.phone = "+14155550101"}).value().id) {
    for (int i = 0; i < count; ++i) {
      rooms.push_back(messenger->create_group(alice, {.title = "Room"}).value().id);
    }
  }

  Draft draft() {
    const auto number = ++key;
    return {.conversation = rooms[static_cast<std::size_t>(number) % rooms.size()],
            .sender = alice,
            .content = std::string(200, 'x'),
            .client_id = "key-" + std::to_string(number)};
  }

  std::unique_ptr<Messenger> messenger;
  UserId alice;
  std::vector<ConversationId> rooms;
  std::atomic<std::int64_t> key{0};
};

Figures threads(Chat& chat, int count, double seconds) {
  std::atomic<std::int64_t> sent{0};
  std::atomic<bool> stop{false};
  std::vector<std::jthread> senders;
  const Stopwatch watch;
  for (int i = 0; i < count; ++i) {
    senders.emplace_back([&] {
      while (!stop) {
        if (chat.messenger->send(chat.draft())) ++sent;
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  senders.clear();
  return watch.figures(sent);
}

/// One thread that has `window` sends on their way at any time.
Figures pipelined(Chat& chat, int window, double seconds) {
  std::counting_semaphore<> free(window);
  const Figures result = repeat(seconds, [&] {
    free.acquire();
    chat.messenger->send_async(chat.draft(), [&](const auto&) { free.release(); });
    return 1;
  });
  for (int i = 0; i < window; ++i) free.acquire();
  return result;
}

template <class Field>
double median(std::vector<Figures> rounds, Field field) {
  std::ranges::sort(rounds, {}, field);
  return rounds[rounds.size() / 2].*field;
}

/// One engine, bare and below the library.
struct Engine {
  std::string url;
  std::function<int(int batch)> write_raw;
};

void measure(const std::string& name, const Engine& engine, const Settings& settings) {
  struct Row {
    const char* what;
    int batch;
    Figures (*run)(Chat&, int, double);
  };
  Chat chat(engine.url, settings.rooms);
  for (const Row& row :
       {Row{"1 sender", 1, threads}, Row{"16 senders", 16, threads}, Row{"64 senders", 64, threads},
        Row{"64 in flight", 64, pipelined}, Row{"512 in flight", 512, pipelined}}) {
    if (!std::string_view(row.what).contains(settings.row)) continue;
    std::vector<Figures> raw;
    std::vector<Figures> ours;
    std::vector<double> ratios;
    for (int round = 0; round < settings.rounds; ++round) {
      raw.push_back(repeat(settings.seconds, [&] { return engine.write_raw(row.batch); }));
      ours.push_back(row.run(chat, row.batch, settings.seconds));
      ratios.push_back(ours.back().rate / raw.back().rate);
    }
    std::ranges::sort(ratios);
    std::printf(
        "%-8s %-14s %8.0f/s, raw %8.0f/s: ratio %5.2f (%.2f to %.2f); CPU %5.1f, raw %5.1f us\n",
        name.c_str(), row.what, median(ours, &Figures::rate), median(raw, &Figures::rate),
        ratios[ratios.size() / 2], ratios.front(), ratios.back(), median(ours, &Figures::cpu_us),
        median(raw, &Figures::cpu_us));
    std::fflush(stdout);
  }
}

int run(const Settings& settings) {
  std::string name = (std::filesystem::temp_directory_path() / "msg-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return 1;
  const std::filesystem::path directory = name;
  for (const std::string& store : settings.stores) {
    if (store == "rocksdb") {
      RawRocksdb raw((directory / "raw-rocksdb").string());
      measure(store,
              {"rocksdb:" + (directory / "rocksdb").string(),
               [&](int batch) { return raw.write(batch); }},
              settings);
    } else if (store == "postgres") {
      auto& server = test::PostgresServer::shared();
      const std::string url = server.make_place("bench");
      RawPostgres raw(server.url(), settings.rooms);
      measure(store, {url, [&](int batch) { return raw.write(batch); }}, settings);
    } else {
      // Memory has no engine to compare with: its ratio shows what the disk costs.
      RawSqlite raw((directory / ("raw-" + store)).string());
      measure(store,
              {store == "memory" ? "memory:" : "sqlite:" + (directory / "sqlite").string(),
               [&](int batch) { return raw.write(batch); }},
              settings);
    }
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  msg::bench::Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--store") settings.stores.emplace_back(argv[i + 1]);
    if (option == "--row") settings.row = argv[i + 1];
    if (option == "--seconds") settings.seconds = std::atof(argv[i + 1]);
    if (option == "--rooms") settings.rooms = std::max(1, std::atoi(argv[i + 1]));
    if (option == "--rounds") settings.rounds = std::max(1, std::atoi(argv[i + 1]));
  }
  if (settings.stores.empty()) settings.stores = {"sqlite", "rocksdb", "memory"};
  return msg::bench::run(settings);
}
