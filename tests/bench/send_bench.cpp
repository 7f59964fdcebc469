// SPDX-License-Identifier: Apache-2.0
// What a durable send costs over the engine under it, as the ratio of two rates: Messenger with so
// many senders, and the bare engine with as many sends to each commit.
#include <atomic>
#include <thread>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "places.h"
#include "report.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: send_bench [--store rocksdb,sqlite,postgres,memory] [--row TEXT] [--rooms 1]\n"
    "                  [--seconds 1] [--rounds 5] [--json]\n"
    "\n"
    "  --row    only the rows whose name contains this: \"64 senders\"\n"
    "  --rooms  conversations that the messages go to in turn\n";

struct Settings {
  double seconds;
  int rounds;
  int rooms;
  std::string row;
};

/// As many threads, each with one send at a time.
Sample send_blocking(Messenger& messenger, Drafts& drafts, int count, double seconds) {
  std::vector<std::vector<float>> latencies(static_cast<std::size_t>(count));
  std::atomic<bool> stop{false};
  std::vector<std::jthread> senders;
  const Stopwatch watch;
  for (auto& mine : latencies) {
    senders.emplace_back([&] {
      while (!stop) {
        const double begin = watch.seconds();
        must(messenger.send(drafts.next()));
        mine.push_back(static_cast<float>((watch.seconds() - begin) * 1e6));
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  senders.clear();
  std::vector<float> all;
  for (const auto& mine : latencies) all.insert(all.end(), mine.begin(), mine.end());
  Sample sample = watch.sample(static_cast<std::int64_t>(all.size()));
  sample.latencies_us = std::move(all);
  return sample;
}

double aim_of(const std::string& store, int senders) {
  if (senders != 64 || store == "memory") return 0;
  return store == "postgres" ? 0.7 : 0.8;
}

void measure(const std::string& store, const Settings& settings, const Report& report) {
  struct Case {
    const char* name;
    int senders;
    Sample (*send)(Messenger&, Drafts&, int, double);
  };
  Places places;
  const auto raw = places.make_raw(store, settings.rooms);
  Chat chat(places.make_url(store));
  std::vector<ConversationId> rooms;
  for (int i = 0; i < settings.rooms; ++i) rooms.push_back(chat.make_group(chat.alice(), {}));
  Drafts drafts(rooms, {chat.alice()});
  for (const Case& one :
       {Case{"1 sender", 1, send_blocking}, Case{"16 senders", 16, send_blocking},
        Case{"64 senders", 64, send_blocking}, Case{"64 in flight", 64, send_pipelined},
        Case{"512 in flight", 512, send_pipelined}}) {
    if (!std::string_view(one.name).contains(settings.row)) continue;
    Row row{.bench = "send", .store = store, .name = one.name, .unit = "sends/s"};
    row.aim = aim_of(store, one.senders);
    const auto write = [&] {
      raw->write(one.senders);
      return one.senders;
    };
    compare(
        row, settings.rounds, [&] { return repeat(settings.seconds, write); },
        [&] { return one.send(chat.messenger(), drafts, one.senders, settings.seconds); });
    report.add(row);
  }
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres,memory");
  const Settings settings{.seconds = arguments.number("seconds", 1),
                          .rounds = static_cast<int>(arguments.number("rounds", 5)),
                          .rooms = static_cast<int>(arguments.number("rooms", 1)),
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
