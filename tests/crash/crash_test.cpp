// SPDX-License-Identifier: Apache-2.0
// A child process writes and tells each acknowledgement through a pipe; it is killed at a random
// moment; whatever it told must be there, once, and the numbers must have no hole.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <thread>
#include <unordered_set>

#include "msg/messenger.h"

namespace msg::test {
namespace {

/// One acknowledged send, as it travels through the pipe: writes this small are not torn.
struct Acknowledged {
  std::int64_t seq;
  std::int64_t key;
};

/// What a child tells first.
constexpr Acknowledged kOpened{.seq = 0, .key = 0};

constexpr int kWhileOpening = 2;  ///< Of three cycles the one whose writer dies early.
constexpr int kMakings = 100;

class Pipe {
 public:
  Pipe() {
    if (pipe(ends_.data()) != 0) throw std::runtime_error("pipe failed");
  }
  ~Pipe() {
    close(ends_[0]);
    close_writer();
  }
  void close_writer() {
    if (ends_[1] >= 0) close(std::exchange(ends_[1], -1));
  }
  void tell(const Acknowledged& item) const {
    if (write(ends_[1], &item, sizeof item) != sizeof item) std::_Exit(3);
  }
  /// Waits for one; false when the other end is gone.
  bool wait() {
    close_writer();  // The child has its own, and with it goes the last.
    Acknowledged item{};
    return read(ends_[0], &item, sizeof item) == sizeof item;
  }
  std::vector<Acknowledged> read_all() {
    close_writer();
    std::vector<Acknowledged> items;
    Acknowledged item{};
    while (read(ends_[0], &item, sizeof item) == sizeof item) items.push_back(item);
    return items;
  }

 private:
  std::array<int, 2> ends_{};
};

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

struct StoreKind {
  const char* name;
  const char* scheme;
  int cycles;  ///< Unless LIBMSG_CRASH_CYCLES says otherwise.
  friend void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }
};

/// The parent opens no store: threads that a store started here would be missing in the children.
class Crash : public testing::TestWithParam<StoreKind> {
 protected:
  Crash() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-crash-XXXXXX").string();
    if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp failed");
    directory_ = path;
  }
  ~Crash() override { std::filesystem::remove_all(directory_); }

  std::string url() const { return GetParam().scheme + (directory_ / place_).string(); }

  static std::pair<User, User> people(Messenger& messenger) {
    const auto find = [&](const char* phone) {
      auto found = messenger.load_user_by_phone(phone);
      return found ? *found : must(messenger.register_user({.phone = phone}));
    };
    return {find("+14155550101"), find("+14155550102")};
  }

  /// A child must never go on as a second test program.
  template <class Work>
  [[noreturn]] static void run_in_child(const Work& work) {
    try {
      work();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "in the child: %s\n", e.what());
    }
    std::_Exit(6);
  }

  /// The child's life: open, then several threads send until the end comes.
  static void write_until_killed(const std::string& url, const Pipe& pipe, std::int64_t first_key) {
    const auto messenger = must(open(url));
    pipe.tell(kOpened);
    const auto [alice, bob] = people(*messenger);
    const auto chat = must(messenger->open_direct(alice.id, bob.id)).id;
    std::atomic<std::int64_t> next_key{first_key};
    std::vector<std::jthread> senders;
    for (int t = 0; t < 4; ++t) {
      senders.emplace_back([&, sender = t % 2 ? alice.id : bob.id] {
        while (true) {
          const auto key = next_key++;
          const auto sent = messenger->send({.conversation = chat,
                                             .sender = sender,
                                             .content = std::to_string(key),
                                             .client_id = std::to_string(key)});
          if (!sent) std::_Exit(4);
          pipe.tell({to_int(sent->id.seq), key});
        }
      });
    }
  }

  /// Reads everything back, in a child; the number of messages, or nothing when it is not as it
  /// should be.
  std::optional<std::int64_t> check(const std::map<std::int64_t, std::int64_t>& acknowledged) {
    Pipe pipe;
    const pid_t child = fork();
    if (child == 0) {
      run_in_child([&] {
        pipe.tell({.seq = count_messages(acknowledged), .key = 0});
        std::fflush(stdout);
        std::_Exit(HasFailure() ? 1 : 0);
      });
    }
    int status = 0;
    waitpid(child, &status, 0);
    const auto told = pipe.read_all();
    if (status != 0 || told.size() != 1) return std::nullopt;
    return told.front().seq;
  }

  /// One life of a writer: what it acknowledged before it was killed.
  std::vector<Acknowledged> live_and_die(int cycle, std::mt19937& random) {
    Pipe pipe;
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
      run_in_child([&] { write_until_killed(url(), pipe, std::int64_t{cycle + 1} * 1'000'000); });
    }
    // One in three dies while it opens what the one before left, as far as the clock can tell.
    const bool while_opening = cycle % 3 == kWhileOpening;
    if (while_opening) {
      usleep(static_cast<useconds_t>(random() % static_cast<unsigned>(opening_us_)));
    } else {
      EXPECT_TRUE(pipe.wait()) << "the child did not open the store";
      const auto took = std::chrono::steady_clock::now() - start;
      opening_us_ = std::max<std::int64_t>(
          1, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
      usleep(static_cast<useconds_t>(random() % 30'000));
    }
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    return pipe.read_all();
  }

 private:
  std::int64_t count_messages(const std::map<std::int64_t, std::int64_t>& acknowledged) const {
    const auto messenger = must(open(url()));
    const auto [alice, bob] = people(*messenger);
    const auto chat = must(messenger->open_direct(alice.id, bob.id)).id;
    HistoryRequest request{.conversation = chat, .limit = 200, .order = Order::oldest_first};
    std::vector<std::string> contents;  // of seq 1, 2, 3 …
    std::unordered_set<std::string> different;
    for (bool more = true; more;) {
      const auto page = must(messenger->history(alice.id, request));
      for (const auto& message : page.items) {
        contents.push_back(message.content);
        EXPECT_EQ(to_int(message.id.seq), static_cast<std::int64_t>(contents.size())) << "a hole";
        EXPECT_TRUE(different.insert(message.content).second) << "twice: " << message.content;
      }
      request.cursor = page.next;
      more = page.has_more;
    }
    for (const auto& [seq, key] : acknowledged) {
      const bool is_there = seq <= static_cast<std::int64_t>(contents.size());
      EXPECT_TRUE(is_there) << "acknowledged and lost: " << seq;
      if (!is_there) continue;
      EXPECT_EQ(contents[static_cast<std::size_t>(seq - 1)], std::to_string(key));
    }
    return static_cast<std::int64_t>(contents.size());
  }

  std::filesystem::path directory_;
  std::int64_t opening_us_ = 1'000;

 protected:
  std::string place_{"chat.db"};
};

TEST_P(Crash, NothingAcknowledgedIsLostToAKillAtAnyMoment) {
  const char* cycles_text = std::getenv("LIBMSG_CRASH_CYCLES");
  const int cycles = cycles_text ? std::atoi(cycles_text) : GetParam().cycles;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<std::int64_t, std::int64_t> acknowledged;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    for (const auto& item : live_and_die(cycle, random)) {
      if (item.seq == kOpened.seq) continue;
      ASSERT_TRUE(acknowledged.emplace(item.seq, item.key).second) << "one seq given twice";
    }
    // What is lost stays lost: looking more often would find it sooner, not more of it.
    if (cycle % 50 == 49) {
      ASSERT_TRUE(check(acknowledged)) << cycle;
    }
    if (HasFailure()) return;
  }
  EXPECT_GE(check(acknowledged).value_or(-1), static_cast<std::int64_t>(acknowledged.size()));
  EXPECT_GT(acknowledged.size(), 0u);
  RecordProperty("acknowledged", static_cast<int>(acknowledged.size()));
}

/// The schema, the identity, the first files: whatever of it was there, the next process goes on.
TEST_P(Crash, AStoreWhoseMakingWasKilledOpens) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  live_and_die(0, random);  // shows how long it takes
  for (int cycle = 0; cycle < kMakings && !HasFailure(); ++cycle) {
    place_ = "chat-" + std::to_string(cycle);
    std::map<std::int64_t, std::int64_t> acknowledged;
    for (const auto& item : live_and_die(kWhileOpening, random)) {
      if (item.seq != kOpened.seq) acknowledged.emplace(item.seq, item.key);
    }
    ASSERT_TRUE(check(acknowledged)) << cycle;
  }
}

INSTANTIATE_TEST_SUITE_P(Store, Crash,
                         testing::Values(StoreKind{"sqlite", "sqlite:", 1'000},
                                         StoreKind{"rocksdb", "rocksdb:", 500}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace msg::test
