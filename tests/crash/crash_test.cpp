// SPDX-License-Identifier: Apache-2.0
// A child process writes and tells each acknowledgement through a pipe; it is killed at a random
// moment; whatever it told must be there, once, and the numbers must have no hole.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "msg/messenger.h"

namespace msg::test {
namespace {

/// One acknowledged send, as it travels through the pipe: writes this small are not torn.
struct Acknowledged {
  std::int64_t seq;
  std::int64_t key;
};

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

class Crash : public testing::Test {
 protected:
  Crash() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-crash-XXXXXX").string();
    if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp failed");
    directory_ = path;
  }
  ~Crash() override { std::filesystem::remove_all(directory_); }

  std::string url() const { return "sqlite:" + (directory_ / "chat.db").string(); }

  static std::pair<User, User> people(Messenger& messenger) {
    const auto find = [&](const char* phone) {
      auto found = messenger.load_user_by_phone(phone);
      return found ? *found : must(messenger.register_user({.phone = phone}));
    };
    return {find("+14155550101"), find("+14155550102")};
  }

  /// The child's life: open, then several threads send until the end comes.
  [[noreturn]] static void write_until_killed(const std::string& url, const Pipe& pipe,
                                              std::int64_t first_key) {
    const auto messenger = must(open(url));
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
    senders.clear();
    std::_Exit(5);
  }

  /// Reads everything back; returns the number of messages.
  std::int64_t check(const std::map<std::int64_t, std::int64_t>& acknowledged) const {
    const auto messenger = must(open(url()));
    const auto [alice, bob] = people(*messenger);
    const auto chat = must(messenger->open_direct(alice.id, bob.id)).id;
    HistoryRequest request{.conversation = chat, .limit = 200, .order = Order::oldest_first};
    std::map<std::int64_t, std::string> stored;
    for (bool more = true; more;) {
      const auto page = must(messenger->history(alice.id, request));
      for (const auto& message : page.items) stored[to_int(message.id.seq)] = message.content;
      request.cursor = page.next;
      more = page.has_more;
    }
    std::int64_t expected_seq = 0;
    std::map<std::string, std::int64_t> by_content;
    for (const auto& [seq, content] : stored) {
      EXPECT_EQ(seq, ++expected_seq) << "a hole";
      EXPECT_TRUE(by_content.emplace(content, seq).second) << "twice: " << content;
    }
    for (const auto& [seq, key] : acknowledged) {
      const auto found = stored.find(seq);
      EXPECT_TRUE(found != stored.end()) << "acknowledged and lost: " << seq;
      if (found != stored.end()) {
        EXPECT_EQ(found->second, std::to_string(key));
      }
    }
    return expected_seq;
  }

  std::filesystem::path directory_;
};

TEST_F(Crash, NothingAcknowledgedIsLostToAKillAtAnyMoment) {
  const char* cycles_text = std::getenv("MSG_CRASH_CYCLES");
  const int cycles = cycles_text ? std::atoi(cycles_text) : 100;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<std::int64_t, std::int64_t> acknowledged;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    Pipe pipe;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(url(), pipe, std::int64_t{cycle} * 1'000'000);
    // The moment is meant to be random: in opening, migrating, the first sends or a checkpoint.
    usleep(static_cast<useconds_t>(random() % 60'000));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    for (const auto& item : pipe.read_all()) {
      ASSERT_TRUE(acknowledged.emplace(item.seq, item.key).second) << "one seq given twice";
    }
    if (cycle % 10 == 9) check(acknowledged);
    if (HasFailure()) return;
  }
  EXPECT_GE(check(acknowledged), static_cast<std::int64_t>(acknowledged.size()));
  EXPECT_GT(acknowledged.size(), 0u);
  RecordProperty("acknowledged", static_cast<int>(acknowledged.size()));
}

}  // namespace
}  // namespace msg::test
