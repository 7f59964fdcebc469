// SPDX-License-Identifier: Apache-2.0
// What a durable send over PostgreSQL costs, as the ratio of two rates: Messenger with so many
// senders, and bare libpq (raw_postgres.cpp) with as many sends to each commit. They take turns
// against one server, which this program starts; what is printed are medians.
//
//   postgres_bench [seconds per turn] [rounds]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "msg/messenger.h"
#include "raw_postgres.h"
#include "support/postgres_server.h"

namespace msg::bench {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Chat {
  Chat(const std::string& url, int conversations) : messenger(open(url).value()) {
    alice = messenger->register_user({.phone = "+14155550101"}).value().id;
    for (int i = 0; i < conversations; ++i) {
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
  double rate(int senders, double seconds) {
    std::atomic<std::int64_t> sent{0};
    std::atomic<bool> stop{false};
    std::vector<std::jthread> threads;
    const auto start = Clock::now();
    for (int i = 0; i < senders; ++i) {
      threads.emplace_back([&] {
        while (!stop) {
          if (messenger->send(draft())) ++sent;
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    threads.clear();
    return static_cast<double>(sent) / since(start);
  }

  std::unique_ptr<Messenger> messenger;
  UserId alice{};
  std::vector<ConversationId> rooms;
  std::atomic<std::int64_t> key{0};
};

double raw_rate(RawPostgres& raw, int batch, double seconds) {
  const auto start = Clock::now();
  std::int64_t count = 0;
  while (since(start) < seconds) count += raw.write(batch);
  return static_cast<double>(count) / since(start);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void measure(const std::string& url, const std::string& raw_url, double seconds, int rounds) {
  for (const int conversations : {1, 64}) {
    RawPostgres raw(raw_url, conversations);
    Chat chat(url + (conversations == 1 ? "one" : "many"), conversations);
    for (const int senders : {1, 16, 64}) {
      std::vector<double> bare;
      std::vector<double> ours;
      std::vector<double> ratios;
      for (int i = 0; i < rounds; ++i) {
        bare.push_back(raw_rate(raw, senders, seconds));
        ours.push_back(chat.rate(senders, seconds));
        ratios.push_back(ours.back() / bare.back());
      }
      std::printf("postgres, %2d senders, %2d conversations %8.0f/s, raw %8.0f/s: ratio %.2f\n",
                  senders, conversations, median(ours), median(bare), median(ratios));
      std::fflush(stdout);
    }
  }
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
  auto& server = msg::test::PostgresServer::shared();
  server.make_place("one");
  server.make_place("many");
  msg::bench::measure(server.url() + "&options=-csearch_path%3D", server.url(), seconds, rounds);
}
