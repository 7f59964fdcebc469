// SPDX-License-Identifier: Apache-2.0
// How long one healthy client waits among thousands of connections that mean no good.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "net/population.h"
#include "net/rest_client.h"
#include "net/server_process.h"
#include "net/slow_crowd.h"
#include "places.h"
#include "report.h"

namespace msg::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kUsage =
    "Usage: slow_peers_bench [--store rocksdb,sqlite] [--peers 2000] [--seconds 4] [--rounds 3]\n"
    "                        [--json]\n"
    "\n"
    "A client asks for its own account, every two milliseconds: alone, and among peers of which "
    "half\n"
    "never end their head and half never read. The aim is twice the p99 at most.\n";

constexpr auto kPause = std::chrono::milliseconds(2);

Sample ask(RestClient& client, double seconds) {
  Sample sample;
  const Stopwatch watch;
  while (watch.seconds() < seconds) {
    const auto start = Clock::now();
    client.get("/api/v1/me");
    client.wait_for_answer();
    sample.latencies_us.push_back(
        std::chrono::duration<float, std::micro>(Clock::now() - start).count());
    std::this_thread::sleep_for(kPause);
  }
  sample.rate = static_cast<double>(sample.latencies_us.size()) / watch.seconds();
  return sample;
}

void allow_many_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite");
  const auto peers = static_cast<int>(arguments.number("peers", 2000));
  const double seconds = arguments.number("seconds", 4);
  const auto rounds = static_cast<int>(arguments.number("rounds", 3));
  const Report report(arguments.flag("json"));
  arguments.finish();
  allow_many_descriptors();
  for (const auto& store : stores) {
    if (!Places::can_use(store)) continue;
    Places places;
    const std::string url = places.make_url(store);
    std::vector<Person> people;
    {
      Chat chat(url);
      people = make_people(chat, 1);
    }
    // All of them come from one address here, which would keep most of them out.
    const ServerProcess server("msgd", msgd_options(url, {"--unproven-max", "100000",
                                                          "--unproven-per-address-max", "100000"}));
    RestClient client(server.port(), people[0].token);
    Row row{.bench = "slow_peers",
            .store = store,
            .name = std::to_string(peers) + " slow peers",
            .unit = "requests/s"};
    std::vector<double> arrivals;
    compare(
        row, rounds, [&] { return ask(client, seconds); },
        [&] {
          const SlowCrowd crowd(server.port(), peers);
          arrivals.push_back(std::ranges::max(ask(client, 1).latencies_us));
          return ask(client, seconds);
        });
    row.note("longest_at_arrival_us", percentile(arrivals, 0.5));
    row.note("memory_bytes", static_cast<double>(server.memory_bytes()));
    report.add(row);
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
