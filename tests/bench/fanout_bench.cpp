// SPDX-License-Identifier: Apache-2.0
// How many deliveries a second reach the sockets of those who are online, and how long after the
// acknowledgement: as many as go through, then at half of that. Beside it the same on a bare Beast
// server that keeps nothing.
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
    "Usage: fanout_bench [--store rocksdb,sqlite,postgres] [--members 2,256,5000]\n"
    "                    [--seconds 2] [--rounds 5] [--json]\n"
    "\n"
    "  --members  of a group, all online; 2 is a hundred pairs\n";

constexpr int kPairs = 100;
constexpr double kAim = 0.7;

struct Settings {
  double seconds;
  int rounds;
  std::vector<std::int64_t> members;
};

Sample sample_of(Traffic traffic) {
  return {.rate = traffic.deliveries,
          .cpu_us = traffic.server_cpu_us * traffic.messages / traffic.deliveries,
          .latencies_us = std::move(traffic.receipt_us)};
}

struct Online {
  std::string url;
  std::vector<Person> people{};
  std::vector<Room> rooms{};
};

/// One group, or pairs.
Online populate(Places& places, const std::string& store, std::int64_t members) {
  Online online{.url = places.make_url(store)};
  Options options;
  options.limits.group_members_max = std::max(members, options.limits.group_members_max);
  Chat chat(online.url, options);
  const bool pairs = members == 2;
  online.people = make_people(chat, pairs ? 2 * kPairs : static_cast<int>(members));
  const auto size = static_cast<std::size_t>(members);
  for (std::size_t first = 0; first < online.people.size(); first += size) {
    Room room;
    std::vector<UserId> others;
    for (std::size_t i = first; i < first + size; ++i) {
      room.links.push_back(static_cast<std::uint32_t>(i));
      if (i != first) others.push_back(online.people[i].id);
    }
    const auto id = chat.make_group(online.people[first].id, others);
    room.conversation = std::to_string(to_int(id));
    online.rooms.push_back(std::move(room));
  }
  return online;
}

void measure(const std::string& store, std::int64_t members, const Settings& settings,
             const Report& report) {
  Places places;
  const Online online = populate(places, store, members);
  const ServerProcess server("msgd", msgd_options(online.url, {"--group-members-max", "100000"}));
  auto links = go_online(server, online.people);
  const Relay relay(online.rooms, static_cast<std::uint32_t>(links.size()));
  auto relay_links = relay.connect();
  const std::string who =
      members == 2 ? std::to_string(kPairs) + " pairs" : std::to_string(members) + " members";
  const auto compare_at = [&](const Pace& pace, const std::string& name, double aim) {
    Row row{.bench = "fanout", .store = store, .name = name, .unit = "deliveries/s", .aim = aim};
    row.note("disk_sync_us", disk_sync_us());
    double messages = 0;
    TrafficFigures more;
    compare(
        row, settings.rounds,
        [&] { return sample_of(run_traffic(relay.server(), relay_links, online.rooms, pace)); },
        [&] {
          Traffic traffic = run_traffic(server, links, online.rooms, pace);
          messages = std::max(messages, traffic.messages);
          more.add(traffic);
          return sample_of(std::move(traffic));
        });
    more.note(row);
    report.add(row);
    return messages;
  };
  Pace pace{.window = members > 1000 ? 2 : 4, .until_received = true, .seconds = settings.seconds};
  const double most = compare_at(pace, who, kAim);
  pace = {.window = 0, .rate = most / 2, .seconds = settings.seconds};
  compare_at(pace, who + ", half rate", 0);
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres");
  const Settings settings{.seconds = arguments.number("seconds", 2),
                          .rounds = static_cast<int>(arguments.number("rounds", 5)),
                          .members = arguments.numbers("members", "2,256,5000")};
  const Report report(arguments.flag("json"));
  arguments.finish();
  for (const auto& store : stores) {
    if (!Places::can_use(store)) continue;
    for (const auto members : settings.members) measure(store, members, settings, report);
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
