// SPDX-License-Identifier: Apache-2.0
// What a cache saves PostgreSQL: many members open the same group, on two nodes, with and without.
#include <atomic>
#include <thread>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "msg/cache.h"
#include "places.h"
#include "report.h"
#include "support/postgres_server.h"
#include "support/redis_server.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: cache_bench [--members 10,1000] [--threads 8] [--every 0,50] [--seconds 2]\n"
    "                   [--rounds 5] [--json]\n"
    "\n"
    "  --every    a send and a receipt after so many reads; 0: none\n";

struct Settings {
  double seconds;
  int rounds;
  int threads;
  std::vector<std::int64_t> members;
  std::vector<std::int64_t> every;
};

/// What the server was asked, and how long it worked, in all.
struct Work {
  double statements{0};
  double ms{0};
};

Work work_of_server() {
  const auto& server = test::PostgresServer::shared();
  // BEGIN and ROLLBACK are not on these books.
  return {std::stod(server.query("SELECT sum(calls) FROM pg_stat_statements")),
          std::stod(server.query("SELECT sum(total_exec_time) FROM pg_stat_statements"))};
}

void count_statements() {
  auto& server = test::PostgresServer::shared();
  server.query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
  server.stop(test::PostgresServer::Stop::fast);
  server.start();
  server.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
}

/// Two nodes, and the members of a group who open it.
class Opening {
 public:
  Opening(const std::string& url, std::shared_ptr<Cache> cache, const Settings& settings,
          int first_node)
      : settings_(settings) {
    for (int i = 0; i < 2; ++i) {
      Options options;
      options.node = first_node + i;
      options.readers = settings.threads;
      options.cache = cache;
      options.follow_interval = std::chrono::hours(1);
      nodes_.push_back(must(open(url, options)));
    }
  }

  /// Each thread is one member after the other. `every`: how often somebody says something.
  Sample open_group(ConversationId group, const std::vector<UserId>& members, std::int64_t every) {
    const Work before = work_of_server();
    const Stopwatch watch;
    std::atomic<std::int64_t> reads{0};
    std::vector<std::vector<float>> latencies(static_cast<std::size_t>(settings_.threads));
    in_parallel(settings_.threads, [&](int thread) {
      while (watch.seconds() < settings_.seconds) {
        const auto number = reads++;
        const auto member = members[static_cast<std::size_t>(number) % members.size()];
        Messenger& node = *nodes_[static_cast<std::size_t>(number) % nodes_.size()];
        const auto begun = std::chrono::steady_clock::now();
        must(node.history(member, {.conversation = group}));
        const std::chrono::duration<float, std::micro> took =
            std::chrono::steady_clock::now() - begun;
        latencies[static_cast<std::size_t>(thread)].push_back(took.count());
        if (every != 0 && number % every == 0) disturb(node, group, member);
      }
    });
    Sample sample = watch.sample(reads);
    for (const auto& some : latencies) {
      sample.latencies_us.insert(sample.latencies_us.end(), some.begin(), some.end());
    }
    const Work after = work_of_server();
    reads_ += static_cast<double>(reads);
    work_.statements += after.statements - before.statements;
    work_.ms += after.ms - before.ms;
    return sample;
  }
  [[nodiscard]] double statements_per_read() const { return work_.statements / reads_; }
  [[nodiscard]] double server_us_per_read() const { return 1000 * work_.ms / reads_; }

 private:
  static void disturb(Messenger& node, ConversationId group, UserId member) {
    Draft draft;
    draft.conversation = group;
    draft.sender = member;
    draft.content = "news";
    const auto sent = must(node.send(draft));
    must(node.mark(member, {.conversation = group, .up_to = sent.id.seq}));
  }

  const Settings& settings_;
  std::vector<std::unique_ptr<Messenger>> nodes_;
  double reads_{0};
  Work work_;
};

void measure(const Settings& settings, const Report& report) {
  Places places;
  count_statements();
  test::RedisServer redis;
  redis.command({"PING"});
  for (const auto count : settings.members) {
    const auto url = places.make_url("postgres");
    Chat chat(url);
    std::vector<UserId> others(static_cast<std::size_t>(count - 1));
    in_parallel(static_cast<int>(others.size()),
                [&](int i) { others[static_cast<std::size_t>(i)] = chat.make_user(); });
    const auto group = chat.make_group(chat.alice(), others);
    auto members = others;
    members.push_back(chat.alice());
    // Ten of them talk: who reads mostly has nothing on the page, who talked has the states of it.
    Drafts drafts({group},
                  {others.begin(), others.begin() + std::min<std::ptrdiff_t>(10, count - 1)});
    load(chat.messenger(), drafts, 1000);
    places.analyze("postgres");
    const std::vector<UserId> talkers{others.begin(),
                                      others.begin() + std::min<std::ptrdiff_t>(10, count - 1)};
    for (const bool all_talk : {false, true}) {
      for (const auto every : settings.every) {
        for (const bool is_redis : {false, true}) {
          CacheOptions options;
          options.links = settings.threads;
          const auto cache = must(open_cache(is_redis ? redis.url() : "memory:", options));
          while (!cache->state().connected) std::this_thread::yield();
          Opening plain(url, nullptr, settings, 2);
          Opening cached(url, cache, settings, 4);
          const auto& who = all_talk ? talkers : members;
          Row row{.bench = "cache",
                  .store = is_redis ? "redis" : "memory",
                  .name = std::to_string(count) + " members, " +
                          (all_talk ? "own messages" : "all read") +
                          (every == 0 ? "" : ", news after " + std::to_string(every)),
                  .unit = "pages/s"};
          compare(
              row, settings.rounds, [&] { return plain.open_group(group, who, every); },
              [&] { return cached.open_group(group, who, every); });
          row.note("statements", cached.statements_per_read());
          row.note("base_statements", plain.statements_per_read());
          row.note("server_us", cached.server_us_per_read());
          row.note("base_server_us", plain.server_us_per_read());
          row.note("hits", static_cast<double>(cache->use().hits));
          row.note("loads", static_cast<double>(cache->use().loads));
          row.note("shared", static_cast<double>(cache->use().shared));
          report.add(row);
        }
      }
    }
  }
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const Settings settings{.seconds = arguments.number("seconds", 2),
                          .rounds = static_cast<int>(arguments.number("rounds", 5)),
                          .threads = static_cast<int>(arguments.number("threads", 8)),
                          .members = arguments.numbers("members", "10,1000"),
                          .every = arguments.numbers("every", "0,50")};
  const Report report(arguments.flag("json"));
  arguments.finish();
  if (Places::can_use("postgres")) measure(settings, report);
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
