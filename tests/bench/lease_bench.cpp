// SPDX-License-Identifier: Apache-2.0
// What it costs a commit on PostgreSQL to ask whether its node number is still its own (ADR 29):
// sends with a leased number, over sends with one given by hand. Two databases of one server, in
// turns.
#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "places.h"
#include "report.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: lease_bench [--seconds 2] [--rounds 9] [--json]\n"
    "\n"
    "Baseline: Options::node = 1. Ours: kNodeFromStore. PostgreSQL is started for it.\n";

Options with_node(int node) {
  Options options;
  options.node = node;
  return options;
}

/// A store of its own, and what is sent to it.
struct Writer {
  Writer(Places& places, int node) : chat(places.make_url("postgres"), with_node(node)) {}

  Chat chat;
  Drafts drafts{{chat.make_group(chat.alice(), {})}, {chat.alice()}};
};

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const double seconds = arguments.number("seconds", 2);
  const auto rounds = static_cast<int>(arguments.number("rounds", 9));
  const Report report(arguments.flag("json"));
  arguments.finish();
  if (!Places::can_use("postgres")) return 0;
  Places places;
  Writer by_hand(places, 1);
  Writer leased(places, kNodeFromStore);
  for (const int window : {1, 64}) {
    Row row{.bench = "lease",
            .store = "postgres",
            .name = std::to_string(window) + " in flight",
            .unit = "sends/s"};
    const auto send = [&](Writer& writer) {
      return send_pipelined(writer.chat.messenger(), writer.drafts, window, seconds);
    };
    compare(row, rounds, [&] { return send(by_hand); }, [&] { return send(leased); });
    report.add(row);
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
