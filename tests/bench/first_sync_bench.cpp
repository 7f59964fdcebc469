// SPDX-License-Identifier: Apache-2.0
// Accounts that other servers refuse or choke on, through msgd: many users who come online for the
// first time, each with many large conversations, and a page of a very long conversation list.
#include <algorithm>
#include <functional>
#include <string_view>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "net/poller.h"
#include "net/population.h"
#include "net/rest_client.h"
#include "places.h"
#include "report.h"
#include "sample.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: first_sync_bench [--store rocksdb,sqlite,postgres] [--users 200] [--rooms 200]\n"
    "                        [--members 300] [--list 50000] [--rounds 5] [--json]\n"
    "\n"
    "  --users    who say hello at once, without a cursor\n"
    "  --rooms    conversations of each, all the same ones\n"
    "  --members  of each conversation\n"
    "  --list     conversations of the user whose list is read\n";

constexpr int kMessagesPerRoom = 5;

struct Settings {
  int users;
  int rooms;
  int members;
  int list;
  int rounds;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void measure_first_sync(const std::string& store, const Settings& settings, const Report& report) {
  Places places;
  const std::string url = places.make_url(store);
  std::vector<Person> people;
  {
    Chat chat(url);
    people = make_people(chat, settings.members);
    std::vector<UserId> others;
    for (std::size_t i = 1; i < people.size(); ++i) others.push_back(people[i].id);
    std::vector<ConversationId> rooms(static_cast<std::size_t>(settings.rooms));
    in_parallel(settings.rooms, [&](int i) {
      rooms[static_cast<std::size_t>(i)] = chat.make_group(people[0].id, others);
    });
    Drafts drafts(rooms, {people[0].id});
    load(chat.messenger(), drafts, std::int64_t{kMessagesPerRoom} * settings.rooms);
  }
  people.resize(std::min(people.size(), static_cast<std::size_t>(settings.users)));
  const ServerProcess server("msgd", msgd_options(url));
  std::vector<double> seconds;
  std::vector<double> cpu;
  for (int round = 0; round < settings.rounds; ++round) {
    const double cpu_before = server.cpu_seconds();
    const auto start = Clock::now();
    const auto links = go_online(server, people, "");
    seconds.push_back(seconds_since(start));
    cpu.push_back(server.cpu_seconds() - cpu_before);
  }
  Row row{.bench = "first_sync",
          .store = store,
          .name = std::to_string(people.size()) + " users of " + std::to_string(settings.rooms) +
                  " conversations of " + std::to_string(settings.members),
          .unit = "s"};
  row.note("all_users_s", percentile(seconds, 0.5));
  row.note("server_cpu_s", percentile(cpu, 0.5));
  row.note("conversations_per_s",
           static_cast<double>(people.size()) * settings.rooms / percentile(seconds, 0.5));
  report.add(row);
}

/// The cursors behind the first half of the list, and before its last page.
struct Cursors {
  std::string middle;
  std::string last;
};

std::string next_of(const std::string& answer) {
  constexpr std::string_view field = "\"next\":\"";
  const auto begin = answer.find(field);
  if (begin == std::string::npos) give_up("a page without next");
  const auto end = answer.find('"', begin + field.size());
  return answer.substr(begin + field.size(), end - begin - field.size());
}

Cursors find_cursors(RestClient& client, int conversations) {
  constexpr int step = 50;
  Cursors cursors;
  std::string next;
  for (int at = 0; at + step < conversations; at += step) {
    client.get("/api/v1/conversations?limit=" + std::to_string(step) +
               (next.empty() ? "" : "&cursor=" + next));
    next = next_of(client.wait_for_answer());
    if (at <= conversations / 2) cursors.middle = next;
    cursors.last = next;
  }
  return cursors;
}

void measure_pages(const ServerProcess& server, RestClient& client, const std::string& target,
                   Row row, const Report& report) {
  constexpr int pages = 50;
  std::vector<double> times;
  const double cpu = server.cpu_seconds();
  for (int page = 0; page < pages; ++page) {
    const auto start = Clock::now();
    client.get(target);
    client.wait_for_answer();
    times.push_back(seconds_since(start) * 1e3);
  }
  row.note("p50_ms", percentile(times, 0.5));
  row.note("p99_ms", percentile(times, 0.99));
  row.note("server_cpu_ms", (server.cpu_seconds() - cpu) * 1e3 / pages);
  report.add(row);
}

/// One request, with what it costs the server.
void measure_once(const ServerProcess& server, const std::function<void()>& request, Row row,
                  const Report& report) {
  const double cpu = server.cpu_seconds();
  const auto start = Clock::now();
  request();
  row.note("ms", seconds_since(start) * 1e3);
  row.note("server_cpu_ms", (server.cpu_seconds() - cpu) * 1e3);
  report.add(row);
}

/// Of each conversation the last message is another's, and unread.
void measure_list(const std::string& store, const Settings& settings, const Report& report) {
  Places places;
  const std::string url = places.make_url(store);
  std::vector<Person> people;
  {
    Chat chat(url);
    people = make_people(chat, 2);
    std::vector<ConversationId> rooms(static_cast<std::size_t>(settings.list));
    in_parallel(settings.list, [&](int i) {
      rooms[static_cast<std::size_t>(i)] = chat.make_group(people[0].id, {people[1].id});
    });
    Drafts drafts(rooms, {people[1].id});
    load(chat.messenger(), drafts, settings.list);
  }
  const ServerProcess server("msgd", msgd_options(url));
  RestClient client(server.port(), people[0].token);
  const std::string target = "/api/v1/conversations?limit=50";
  const auto row_of = [&](const std::string& bench, const std::string& what) {
    return Row{.bench = bench,
               .store = store,
               .name = what + " of " + std::to_string(settings.list) + " conversations",
               .unit = "ms"};
  };
  measure_once(
      server,
      [&] {
        client.get(target);
        client.wait_for_answer();
      },
      row_of("list_page", "first ever"), report);
  const Cursors cursors = find_cursors(client, settings.list);
  measure_pages(server, client, target, row_of("list_page", "first 50"), report);
  measure_pages(server, client, target + "&cursor=" + cursors.middle,
                row_of("list_page", "middle 50"), report);
  measure_pages(server, client, target + "&cursor=" + cursors.last, row_of("list_page", "last 50"),
                report);
  for (const char* const what : {"all unread,", "none unread,"}) {
    measure_once(
        server,
        [&] {
          client.post("/api/v1/conversations/read", "{}");
          client.wait_for_answer();
        },
        row_of("read_all", what), report);
  }
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres");
  const auto count = [&](const char* name, double otherwise) {
    return static_cast<int>(arguments.number(name, otherwise));
  };
  const Settings settings{.users = count("users", 200),
                          .rooms = count("rooms", 200),
                          .members = count("members", 300),
                          .list = count("list", 50'000),
                          .rounds = count("rounds", 5)};
  const Report report(arguments.flag("json"));
  arguments.finish();
  for (const auto& store : stores) {
    if (!Places::can_use(store)) continue;
    measure_first_sync(store, settings, report);
    measure_list(store, settings, report);
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
