// SPDX-License-Identifier: Apache-2.0
// Several msgd on one PostgreSQL and one bus: what they send and deliver in all, and where the CPU
// goes. Pairs of users as in pairs_bench; with two nodes or more, the two of a pair are on
// different ones. On a machine that all of it shares this shows what a node more costs, not what
// it brings.
#include <unistd.h>

#include <array>
#include <memory>
#include <thread>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "net/population.h"
#include "net/traffic.h"
#include "net/traffic_figures.h"
#include "places.h"
#include "report.h"
#include "resources.h"
#include "support/helper_process.h"
#include "support/postgres_server.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: nodes_bench [--nodes alone,1,2,3] [--pairs 50] [--window 8] [--seconds 3]\n"
    "                   [--rounds 5] [--json]\n"
    "\n"
    "  --nodes   how many; \"alone\" is one that has no bus and so hands out events\n"
    "  --window  so many messages of a pair are not acknowledged at any time\n"
    "\n"
    "PostgreSQL and nats-server from Debian are started for it.\n";

/// What the CPU is spent on, in the order of the meters.
constexpr std::array kParts{"msgd", "postgres", "bus", "generator"};

struct Settings {
  std::vector<std::string> nodes;
  int pairs;
  int window;
  double seconds;
  int rounds;
};

/// What all nodes share.
class Place {
 public:
  explicit Place(int pairs)
      : port_(std::to_string(test::free_port())),
        bus_({"nats-server", "-a", "127.0.0.1", "-p", port_}),
        url_(places_.make_url("postgres")),
        postgres_(std::stoi(test::PostgresServer::shared().query(
            "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))) {
    Chat chat(url_);
    people_ = make_people(chat, 2 * pairs);
    for (std::uint32_t i = 0; i + 1 < people_.size(); i += 2) {
      const auto room = must(chat.messenger().open_direct(people_[i].id, people_[i + 1].id));
      rooms_.push_back({.conversation = std::to_string(to_int(room.id)), .links = {i, i + 1}});
    }
  }

  /// One round on so many nodes, started for it.
  Traffic run(const std::string& nodes, const Pace& pace) {
    const bool is_alone = nodes == "alone";
    std::vector<std::unique_ptr<ServerProcess>> servers;
    std::vector<std::uint16_t> ports;
    for (int i = 1; i <= (is_alone ? 1 : std::stoi(nodes)); ++i) {
      std::vector<std::string> more{"--node", std::to_string(i)};
      if (!is_alone) more.insert(more.end(), {"--bus", "nats://127.0.0.1:" + port_});
      servers.push_back(std::make_unique<ServerProcess>("msgd", msgd_options(url_, more)));
      ports.push_back(servers.back()->port());
    }
    std::vector<Link> links = go_online(ports, people_);
    const std::vector<CpuMeter> meters{[&servers] {
                                         double seconds = 0;
                                         for (const auto& server : servers)
                                           seconds += server->cpu_seconds();
                                         return seconds;
                                       },
                                       [this] { return cpu_seconds_of(postgres_); },
                                       [this] { return cpu_seconds_of(bus_.process()); },
                                       [] { return cpu_seconds(); }};
    return run_traffic(meters, links, rooms_, pace);
  }

 private:
  Places places_;
  std::string port_;
  test::HelperProcess bus_;
  std::string url_;
  pid_t postgres_;
  std::vector<Person> people_;
  std::vector<Room> rooms_;
};

/// The rounds of one number of nodes.
struct Figures {
  std::vector<double> sends;
  std::vector<double> deliveries;
  std::array<std::vector<double>, kParts.size()> cpu_us;
  std::array<std::vector<double>, kParts.size()> cpu_share;  ///< Of the machine.
  TrafficFigures times;

  void add(const Traffic& traffic) {
    const auto cores = static_cast<double>(std::thread::hardware_concurrency());
    sends.push_back(traffic.messages);
    deliveries.push_back(traffic.deliveries);
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      cpu_us[i].push_back(traffic.cpu_us[i]);
      cpu_share[i].push_back(traffic.cpu_us[i] * traffic.messages * 1e-6 / cores);
    }
    times.add(traffic);
  }

  void note(Row& row) const {
    row.note("rate", percentile(sends, 0.5));
    row.note("deliveries", percentile(deliveries, 0.5));
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      row.note(std::string(kParts[i]) + "_cpu_us", percentile(cpu_us[i], 0.5));
      row.note(std::string(kParts[i]) + "_cpu_share", percentile(cpu_share[i], 0.5));
    }
    times.note(row);
  }
};

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const Settings settings{.nodes = arguments.words("nodes", "alone,1,2,3"),
                          .pairs = static_cast<int>(arguments.number("pairs", 50)),
                          .window = static_cast<int>(arguments.number("window", 8)),
                          .seconds = arguments.number("seconds", 3),
                          .rounds = static_cast<int>(arguments.number("rounds", 5))};
  const Report report(arguments.flag("json"));
  arguments.finish();
  if (!Places::can_use("postgres")) return 1;
  Place place(settings.pairs);
  std::vector<Figures> figures(settings.nodes.size());
  // They take turns: a machine is not the same from one minute to the next.
  for (int round = 0; round < settings.rounds; ++round) {
    for (std::size_t i = 0; i < figures.size(); ++i) {
      figures[i].add(
          place.run(settings.nodes[i], {.window = settings.window, .seconds = settings.seconds}));
    }
  }
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const std::string& nodes = settings.nodes[i];
    Row row{.bench = "nodes",
            .store = "postgres",
            .name = nodes == "alone" ? "alone, no bus" : nodes + " on a bus",
            .unit = "messages/s"};
    figures[i].note(row);
    report.add(row);
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
