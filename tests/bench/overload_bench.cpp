// SPDX-License-Identifier: Apache-2.0
// More requests than msgd can serve: how many it serves all the same, of those that it could have,
// and how long the others wait for their refusal.
#include <sys/epoll.h>
#include <unistd.h>

#include <deque>
#include <memory>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "net/poller.h"
#include "net/population.h"
#include "net/rest_client.h"
#include "net/server_process.h"
#include "places.h"
#include "report.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: overload_bench [--store rocksdb,sqlite] [--factors 2,5,10] [--clients 1500]\n"
    "                      [--seconds 2] [--rounds 3] [--json]\n"
    "\n"
    "Pages of 200 messages are asked for at FACTOR times the rate at which they can be served.\n";

struct Settings {
  double seconds;
  int rounds;
  int clients;
  std::vector<std::string> factors;
};

using Seconds = std::chrono::duration<double>;

float microseconds(Clock::duration time) {
  return std::chrono::duration<float, std::micro>(time).count();
}

/// What was answered within a stretch of time.
struct Answers {
  std::vector<float> served_us;
  std::vector<float> refused_us;
  std::int64_t unsent{0};  ///< Whose time had come while all clients waited for answers.
  double seconds{0};

  Sample sample() const {
    return {.rate = static_cast<double>(served_us.size()) / seconds, .latencies_us = served_us};
  }
};

/// Clients that each ask for one page at a time.
class Crowd {
 public:
  Crowd(std::uint16_t port, const Person& person, std::string target, int count)
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)), target_(std::move(target)) {
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count); ++i) {
      auto& client = clients_.emplace_back(std::make_unique<RestClient>(port, person.token));
      client->get("/api/v1/me");  // who has shown a token is not counted as a stranger
      client->wait_for_answer();
      epoll_event event{.events = EPOLLIN, .data = {.u32 = i}};
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, client->descriptor(), &event) != 0) give_up("epoll");
      free_.push_back(i);
    }
    asked_.resize(clients_.size());
  }
  ~Crowd() { ::close(epoll_); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// So many clients ask again as soon as they are answered.
  Answers ask_in_turns(std::size_t clients, double seconds) {
    Answers answers;
    const auto start = Clock::now();
    const auto end = start + std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
    while (Clock::now() < end) {
      while (clients_.size() - free_.size() < clients) ask();
      take_answers(answers, 1);
    }
    return finish(answers, start);
  }

  /// So many ask in a second, whatever becomes of those before.
  Answers ask_at(double rate, double seconds) {
    Answers answers;
    const auto start = Clock::now();
    double due = 0;
    while (true) {
      const double now = Seconds(Clock::now() - start).count();
      if (now >= seconds) break;
      for (; due < now * rate; ++due) {
        if (free_.empty()) {
          ++answers.unsent;
        } else {
          ask();
        }
      }
      take_answers(answers, 1);
    }
    return finish(answers, start);
  }

 private:
  void ask() {
    const std::uint32_t number = free_.front();
    free_.pop_front();
    asked_[number] = Clock::now();
    clients_[number]->get(target_);
  }

  void take_answers(Answers& answers, int wait_ms) {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
    for (int i = 0; i < count; ++i) {
      const auto number = events.at(static_cast<std::size_t>(i)).data.u32;
      const int status = clients_[number]->take_status();
      if (status == 0) continue;
      auto& times = status == 503 ? answers.refused_us : answers.served_us;
      times.push_back(microseconds(Clock::now() - asked_[number]));
      free_.push_back(number);
    }
  }

  /// What is still under way belongs to nobody.
  Answers finish(Answers answers, Clock::time_point start) {
    answers.seconds = Seconds(Clock::now() - start).count();
    Answers late;
    while (free_.size() < clients_.size()) take_answers(late, 100);
    return answers;
  }

  int epoll_;
  const std::string target_;
  std::vector<std::unique_ptr<RestClient>> clients_;
  std::vector<Clock::time_point> asked_;
  std::deque<std::uint32_t> free_;
};

void measure(const std::string& store, const Settings& settings, const Report& report) {
  constexpr std::size_t kEnough = 16;  // clients that keep the server busy
  Places places;
  const std::string url = places.make_url(store);
  std::vector<Person> people;
  {
    Chat chat(url);
    people = make_people(chat, 2);
    const auto room = must(chat.messenger().open_direct(people[0].id, people[1].id)).id;
    const std::vector<Draft> drafts(
        200, Draft{.conversation = room, .sender = people[0].id, .content = std::string(200, 'x')});
    for (auto& sent : chat.messenger().send_many(drafts)) must(std::move(sent));
  }
  const ServerProcess server("msgd", msgd_options(url));
  const auto target = "/api/v1/messages?limit=200&peer_id=" + std::to_string(to_int(people[1].id));
  Crowd crowd(server.port(), people[0], target, settings.clients);
  const double capacity = crowd.ask_in_turns(kEnough, settings.seconds).sample().rate;
  for (const auto& factor : settings.factors) {
    Row row{.bench = "overload",
            .store = store,
            .name = factor + " times what it can",
            .unit = "pages/s",
            .aim = 0.8};
    std::vector<float> refused;
    double unsent = 0;
    compare(
        row, settings.rounds,
        [&] { return crowd.ask_in_turns(kEnough, settings.seconds).sample(); },
        [&] {
          const auto answers = crowd.ask_at(capacity * std::stod(factor), settings.seconds);
          refused.insert(refused.end(), answers.refused_us.begin(), answers.refused_us.end());
          unsent += static_cast<double>(answers.unsent);
          return answers.sample();
        });
    const std::vector<double> times(refused.begin(), refused.end());
    row.note("refused", static_cast<double>(times.size()));
    row.note("refusal_p50_us", percentile(times, 0.5));
    row.note("refusal_p99_us", percentile(times, 0.99));
    row.note("unsent", unsent);
    report.add(row);
  }
}

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite");
  const Settings settings{.seconds = arguments.number("seconds", 2),
                          .rounds = static_cast<int>(arguments.number("rounds", 3)),
                          .clients = static_cast<int>(arguments.number("clients", 1500)),
                          .factors = arguments.words("factors", "2,5,10")};
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
