// SPDX-License-Identifier: Apache-2.0
// What the size of a group does to a send: the same sends to a large group and to one of two.
#include <algorithm>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "places.h"
#include "report.h"
#include "resources.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: group_bench [--store rocksdb,sqlite,postgres,memory] [--members 256,1024,10000]\n"
    "                   [--seconds 1] [--rounds 5] [--json]\n";

constexpr int kWindow = 64;

struct Settings {
  double seconds;
  int rounds;
  std::vector<std::int64_t> members;
};

/// A group, who sends to it, and what the sends have written so far.
struct Target {
  Drafts drafts;
  std::int64_t bytes{0};
  double sends{0};

  Sample send(Messenger& messenger, double seconds) {
    const auto before = written_bytes();
    const Sample sample = send_pipelined(messenger, drafts, kWindow, seconds);
    bytes += written_bytes() - before;
    sends += static_cast<double>(sample.latencies_us.size());
    return sample;
  }
  [[nodiscard]] double bytes_per_send() const { return static_cast<double>(bytes) / sends; }
};

void measure(const std::string& store, const Settings& settings, const Report& report) {
  const auto largest = *std::ranges::max_element(settings.members);
  Options options;
  options.limits.group_members_max = std::max(largest, options.limits.group_members_max);
  Places places;
  Chat chat(places.make_url(store), options);
  std::vector<UserId> users(static_cast<std::size_t>(largest - 1));
  in_parallel(static_cast<int>(users.size()),
              [&](int i) { users[static_cast<std::size_t>(i)] = chat.make_user(); });

  for (const auto count : settings.members) {
    std::vector<UserId> others{users.begin(), users.begin() + count - 1};
    const auto small_room = chat.make_group(chat.alice(), {chat.bob()});
    const auto large_room = chat.make_group(chat.alice(), others);
    others.push_back(chat.alice());
    for (const bool all : {false, true}) {
      const std::vector<UserId> one{chat.alice()};
      Target small{Drafts({small_room}, all ? std::vector{chat.alice(), chat.bob()} : one)};
      Target large{Drafts({large_room}, all ? others : one)};
      Row row{.bench = "group",
              .store = store,
              .name = std::to_string(count) + (all ? " members, all send" : " members"),
              .unit = "sends/s"};
      compare(
          row, settings.rounds, [&] { return small.send(chat.messenger(), settings.seconds); },
          [&] { return large.send(chat.messenger(), settings.seconds); });
      // PostgreSQL writes in another process.
      if (store == "sqlite" || store == "rocksdb") {
        row.note("written_bytes", large.bytes_per_send());
        row.note("base_written_bytes", small.bytes_per_send());
      }
      report.add(row);
    }
  }
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres,memory");
  const Settings settings{.seconds = arguments.number("seconds", 1),
                          .rounds = static_cast<int>(arguments.number("rounds", 5)),
                          .members = arguments.numbers("members", "256,1024,10000")};
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
