// SPDX-License-Identifier: Apache-2.0
// What an authenticated WebSocket costs on which nothing happens: memory of msgd and its CPU, with
// the default settings, pings answered.
#include <sys/resource.h>

#include <algorithm>
#include <iterator>
#include <thread>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "net/poller.h"
#include "net/population.h"
#include "places.h"
#include "report.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: idle_bench [--store rocksdb,sqlite,postgres] [--connections 10000]\n"
    "                  [--seconds 60] [--json]\n"
    "\n"
    "  --connections  each of a user of its own\n"
    "  --seconds      how long the CPU is counted; a ping comes every 30\n";

constexpr std::int64_t kUsersFirst = 100;  // online before counting: what is made once is there
/// Until the deadlines of the connecting are over: msgd gives a hello 10 s.
constexpr double kSettleSeconds = 12;

struct Settings {
  double seconds;
  int connections;
};

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Answers pings for so long.
void be_idle(std::vector<Link>& links, Poller& poller, double seconds) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  while (Clock::now() < end) {
    poller.poll(end, [](std::uint32_t, std::string_view) {});
    for (Link& link : links) link.flush();
    // Pings are in no hurry; to look at each of the links for one of them would cost the machine.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void measure(const std::string& store, const Settings& settings, const Report& report) {
  Places places;
  const std::string url = places.make_url(store);
  std::vector<Person> people;
  {
    Chat chat(url);
    people = make_people(chat, settings.connections + static_cast<int>(kUsersFirst));
  }
  const std::vector<Person> first(people.begin(), people.begin() + kUsersFirst);
  const std::vector<Person> rest(people.begin() + kUsersFirst, people.end());
  const ServerProcess server("msgd", {"--store", url, "--listen", "127.0.0.1:0", "--log-format",
                                      "json", "--drain-timeout-ms", "100", "--connections-max",
                                      std::to_string(people.size() + 1)});
  auto links = go_online(server, first);
  const std::int64_t memory = server.memory_bytes();
  const std::int64_t anonymous = server.anonymous_bytes();
  const auto count = static_cast<double>(rest.size());
  std::ranges::move(go_online(server, rest), std::back_inserter(links));
  Poller poller;
  for (std::uint32_t i = 0; i < links.size(); ++i) poller.add(links[i], i);
  be_idle(links, poller, kSettleSeconds);
  Row row{.bench = "idle",
          .store = store,
          .name = std::to_string(rest.size()) + " websockets",
          .unit = "bytes"};
  row.note("memory_bytes", static_cast<double>(server.memory_bytes() - memory) / count);
  row.note("anonymous_bytes", static_cast<double>(server.anonymous_bytes() - anonymous) / count);
  const double cpu = server.cpu_seconds();
  const auto start = Clock::now();
  be_idle(links, poller, settings.seconds);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  row.note("cpu_us_per_second", (server.cpu_seconds() - cpu) * 1e6 / seconds / count);
  row.note("memory_bytes_later", static_cast<double>(server.memory_bytes() - memory) / count);
  report.add(row);
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres");
  const Settings settings{.seconds = arguments.number("seconds", 60),
                          .connections = static_cast<int>(arguments.number("connections", 10'000))};
  const Report report(arguments.flag("json"));
  arguments.finish();
  raise_descriptor_limit();
  for (const auto& store : stores) {
    if (Places::can_use(store)) measure(store, settings, report);
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
