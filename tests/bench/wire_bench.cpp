// SPDX-License-Identifier: Apache-2.0
// What the network costs a durable send: 64 connections, each with one send of 100 bytes at a time,
// through WebSocket and through REST, beside the library in process with 64 sends on their way.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <semaphore>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "net/population.h"
#include "net/rest_client.h"
#include "net/traffic.h"
#include "places.h"
#include "report.h"
#include "resources.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: wire_bench [--store rocksdb,sqlite,postgres] [--row TEXT] [--connections 64]\n"
    "                  [--seconds 1] [--rounds 5] [--json]\n"
    "\n"
    "  --row  only the rows whose name contains this: \"rest\"\n";

struct Settings {
  double seconds;
  int rounds;
  int connections;
  std::string row;
};

struct Senders {
  std::vector<Person> people{};
  std::vector<ConversationId> rooms{};
};

/// Each alone in a conversation, so that nothing is delivered to others.
Senders make_senders(Chat& chat, int count) {
  Senders senders{.people = make_people(chat, count)};
  for (const auto& person : senders.people) {
    senders.rooms.push_back(chat.make_group(person.id, {}));
  }
  return senders;
}

std::string make_key(const char* prefix) {
  static std::int64_t keys = 0;
  return prefix + std::to_string(::getpid()) + "-" + std::to_string(++keys);
}

const std::string& content() {
  static const std::string text(100, 'x');
  return text;
}

/// In process.
Sample send_directly(Messenger& messenger, const Senders& senders, double seconds) {
  const int window = static_cast<int>(senders.people.size());
  std::counting_semaphore<> free(window);
  std::vector<float> latencies;
  const Stopwatch watch;
  std::int64_t sent = 0;
  for (double now = 0; now < seconds; ++sent) {
    free.acquire();
    now = watch.seconds();
    const auto who = static_cast<std::size_t>(sent) % senders.people.size();
    messenger.send_async({.conversation = senders.rooms[who],
                          .sender = senders.people[who].id,
                          .content = content(),
                          .client_id = make_key("d")},
                         [&, now](const Result<Message>& result) {
                           if (!result) bench::give_up(result.error());
                           latencies.push_back(static_cast<float>((watch.seconds() - now) * 1e6));
                           free.release();
                         });
  }
  for (int i = 0; i < window; ++i) free.acquire();
  Sample sample = watch.sample(sent);
  sample.latencies_us = std::move(latencies);
  return sample;
}

/// Connections for REST, and one send after the other on each.
class RestSenders {
 public:
  RestSenders(const ServerProcess& server, const Senders& senders)
      : server_(server), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < senders.people.size(); ++i) {
      auto& client = clients_.emplace_back(
          std::make_unique<RestClient>(server.port(), senders.people[i].token));
      paths_.push_back("/api/v1/conversations/" + std::to_string(to_int(senders.rooms[i])) +
                       "/messages");
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client->descriptor(), &event);
    }
    begun_.resize(clients_.size());
  }
  ~RestSenders() { ::close(epoll_); }
  RestSenders(const RestSenders&) = delete;
  RestSenders& operator=(const RestSenders&) = delete;

  Sample send(double seconds) {
    latencies_.clear();
    const double cpu = server_.cpu_seconds();
    const Stopwatch watch;
    for (std::size_t i = 0; i < clients_.size(); ++i) begin(i, watch.seconds());
    for (std::size_t waiting = clients_.size(); waiting > 0;) {
      std::array<epoll_event, 64> events;
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const std::size_t who = events[static_cast<std::size_t>(i)].data.u64;
        if (!clients_[who]->take_answer()) continue;
        const double now = watch.seconds();
        latencies_.push_back(static_cast<float>((now - begun_[who]) * 1e6));
        now < seconds ? begin(who, now) : static_cast<void>(--waiting);
      }
    }
    Sample sample = watch.sample(static_cast<std::int64_t>(latencies_.size()));
    sample.cpu_us = (server_.cpu_seconds() - cpu) * 1e6 / static_cast<double>(latencies_.size());
    sample.latencies_us = latencies_;
    return sample;
  }

 private:
  void begin(std::size_t who, double now) {
    begun_[who] = now;
    clients_[who]->post(paths_[who], R"({"content":")" + content() + R"(","client_id":")" +
                                         make_key("r") + R"("})");
  }

  const ServerProcess& server_;
  int epoll_;
  std::vector<std::unique_ptr<RestClient>> clients_;
  std::vector<std::string> paths_;
  std::vector<double> begun_;
  std::vector<float> latencies_;
};

void measure(const std::string& store, const Settings& settings, const Report& report) {
  Places places;
  Chat chat(places.make_url(store));
  const Senders direct = make_senders(chat, settings.connections);
  const std::string url = places.make_url(store);
  Senders wired;
  {
    Chat other(url);
    wired = make_senders(other, settings.connections);
  }
  const ServerProcess server("msgd", msgd_options(url));
  auto links = go_online(server, wired.people);
  std::vector<Room> rooms;
  rooms.reserve(links.size());
  for (std::uint32_t i = 0; i < links.size(); ++i) {
    rooms.push_back({.conversation = std::to_string(to_int(wired.rooms[i])), .links = {i}});
  }
  const Pace pace{.window = 1, .seconds = settings.seconds};
  std::optional<RestSenders> rest;  // connects when it is about to be used: msgd does not wait long
  const auto through_websocket = [&] {
    Traffic traffic = run_traffic(server, links, rooms, pace);
    return Sample{.rate = traffic.messages,
                  .cpu_us = traffic.server_cpu_us,
                  .latencies_us = std::move(traffic.ack_us)};
  };
  const std::string count = std::to_string(settings.connections) + " connections, ";
  struct Case {
    std::string name;
    Side ours;
  };
  for (const Case& one :
       {Case{count + "websocket", through_websocket}, Case{count + "rest", [&] {
                                                             if (!rest) rest.emplace(server, wired);
                                                             return rest->send(settings.seconds);
                                                           }}}) {
    if (!one.name.contains(settings.row)) continue;
    Row row{.bench = "wire", .store = store, .name = one.name, .unit = "sends/s"};
    row.note("disk_sync_us", disk_sync_us());
    compare(
        row, settings.rounds,
        [&] { return send_directly(chat.messenger(), direct, settings.seconds); }, one.ours);
    report.add(row);
  }
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres");
  const Settings settings{.seconds = arguments.number("seconds", 1),
                          .rounds = static_cast<int>(arguments.number("rounds", 5)),
                          .connections = static_cast<int>(arguments.number("connections", 64)),
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
