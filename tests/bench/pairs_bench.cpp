// SPDX-License-Identifier: Apache-2.0
// The work that chat servers are compared by: pairs of users on sockets, each sender with so many
// messages of 100 bytes not yet acknowledged, each durable before its acknowledgement and delivered
// to the socket of its receiver. Beside it the same on a bare Beast server that keeps nothing.
#include <algorithm>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "net/population.h"
#include "net/relay.h"
#include "net/traffic.h"
#include "net/traffic_figures.h"
#include "places.h"
#include "report.h"
#include "resources.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: pairs_bench [--store rocksdb,sqlite,postgres] [--row TEXT] [--pairs 50]\n"
    "                   [--seconds 1] [--rounds 5] [--json]\n"
    "\n"
    "  --row  only the rows whose name contains this: \"8 in flight\"\n";

struct Settings {
  double seconds;
  int rounds;
  int pairs;
  std::string row;
};

Sample sample_of(Traffic traffic) {
  return {.rate = traffic.messages,
          .cpu_us = traffic.server_cpu_us,
          .latencies_us = std::move(traffic.receipt_us)};
}

std::vector<Room> make_rooms(Chat& chat, const std::vector<Person>& people) {
  std::vector<Room> rooms;
  for (std::uint32_t i = 0; i + 1 < people.size(); i += 2) {
    const auto room = must(chat.messenger().open_direct(people[i].id, people[i + 1].id));
    rooms.push_back({.conversation = std::to_string(to_int(room.id)), .links = {i, i + 1}});
  }
  return rooms;
}

void measure(const std::string& store, const Settings& settings, const Report& report) {
  Places places;
  const std::string url = places.make_url(store);
  std::vector<Person> people;
  std::vector<Room> rooms;
  {
    Chat chat(url);
    people = make_people(chat, 2 * settings.pairs);
    rooms = make_rooms(chat, people);
  }
  const ServerProcess server("msgd", msgd_options(url));
  std::vector<Link> links = go_online(server, people);
  const Relay relay(rooms, static_cast<std::uint32_t>(links.size()));
  auto relay_links = relay.connect();
  struct Case {
    const char* name;
    Pace pace;
  };
  for (const Case& one : {Case{"1 in flight", {.window = 1}}, Case{"8 in flight", {.window = 8}},
                          Case{"2,000/s", {.rate = 2000}}}) {
    if (!std::string_view(one.name).contains(settings.row)) continue;
    Pace pace = one.pace;
    pace.seconds = settings.seconds;
    Row row{.bench = "pairs", .store = store, .name = one.name, .unit = "messages/s"};
    row.note("disk_sync_us", disk_sync_us());
    TrafficFigures more;
    compare(
        row, settings.rounds,
        [&] { return sample_of(run_traffic(relay.server(), relay_links, rooms, pace)); },
        [&] {
          Traffic traffic = run_traffic(server, links, rooms, pace);
          more.add(traffic);
          return sample_of(std::move(traffic));
        });
    more.note(row);
    report.add(row);
  }
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres");
  const Settings settings{.seconds = arguments.number("seconds", 1),
                          .rounds = static_cast<int>(arguments.number("rounds", 5)),
                          .pairs = static_cast<int>(arguments.number("pairs", 50)),
                          .row = arguments.text("row")};
  const Report report(arguments.flag("json"));
  arguments.finish();
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
