// SPDX-License-Identifier: Apache-2.0
// Every sequence of what can happen to a session, up to a length, and long ones by chance: each
// step is held to what SessionCore promises.
#include "live/session_core.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace msgd {
namespace {

using Stage = WsProtocol::Stage;

enum class Input {
  hello,
  send,       // runs here
  open_send,  // to a user: may block
  typing,     // may block, and keeps no order
  ping,       // runs here, and overtakes what waits
  malformed,
  worker_is_done,
  hello_is_refused,
  no_worker,  // the next time one is needed
  replies_wait,
  replies_are_read,
  hello_time_is_over,
  shutdown,
  connection_is_lost,
};
constexpr int kInputs = static_cast<int>(Input::connection_is_lost) + 1;
constexpr std::array<std::string_view, kInputs> kNames{
    "hello",        "send",      "open_send", "typing",         "ping",
    "malformed",    "done",      "refused",   "no worker",      "replies wait",
    "replies read", "time over", "shutdown",  "connection lost"};

/// A session as its shell plays it, and what it owes. Copied, to go on from here in several ways.
class Play {
 public:
  void apply(Input input) {
    history_.push_back(input);
    switch (input) {
      case Input::hello:
        if (!open_ && hello_id_ == 0 && !shut_) hello_id_ = last_id_ + 1;
        return say(R"("op":"hello")");
      case Input::send:
        return say(R"("op":"send","conversation_id":"5","content":"x")", Kind::ordered);
      case Input::open_send:
        return say(R"("op":"send","receiver_id":"5","content":"x")", Kind::ordered);
      case Input::typing:
        return say(R"("op":"typing","conversation_id":"5")");
      case Input::ping:
        return say(R"("op":"ping")");
      case Input::malformed:
        return say("");
      case Input::worker_is_done:
        return finish_work(true);
      case Input::hello_is_refused:
        return finish_work(!working_on_hello_);
      case Input::no_worker:
        workers_ = false;
        return;
      case Input::replies_wait:
        backlog_ = true;
        return;
      case Input::replies_are_read:
        backlog_ = false;
        return advance();
      case Input::hello_time_is_over:
        return time_over();
      case Input::shutdown:
        core_.on_shutdown(std::chrono::milliseconds{7});
        shut_ = true;
        return;
      case Input::connection_is_lost:
        core_.on_closed();
        lost_ = true;
        return advance();
    }
  }

  /// Whatever can still happen by itself has: then nothing is owed any more.
  void settle() {
    backlog_ = false;
    workers_ = true;
    advance();
    while (working_ && !lost_) finish_work(true);
    if (lost_) return;
    EXPECT_TRUE(owed_.empty()) << owed_.size() << " without a reply" << told();
  }

 private:
  enum class Kind { any, ordered };

  std::string told() const {
    std::string text = " after:";
    for (const Input input : history_) {
      text.append(" ").append(kNames.at(static_cast<std::size_t>(input))).append(",");
    }
    return text;
  }

  void say(const std::string& fields, Kind kind = Kind::any) {
    if (lost_) return;
    const std::int64_t id = ++last_id_;
    owed_.insert(id);
    if (kind == Kind::ordered) ordered_.insert(id);
    if (shut_) refused_.insert(id);
    core_.on_text(fields.empty() ? "{\"id\":" + std::to_string(id) + "}"
                                 : "{\"id\":" + std::to_string(id) + "," + fields + "}");
    if (shut_) {
      // Nothing is counted any more.
    } else if (fields.empty()) {
      ++malformed_;
    } else {
      malformed_ = 0;
    }
    expects_rules_close_ = !shut_ && malformed_ >= 3;
    advance();
    EXPECT_FALSE(expects_rules_close_) << "not closed for malformed frames" << told();
  }

  void finish_work(bool good) {
    if (!working_ || lost_) return;
    working_ = false;
    if (!std::exchange(working_on_hello_, false)) {
      core_.on_done();
    } else if (good) {
      answered(hello_id_);
      core_.on_greeted();
      open_ = true;
    } else {
      expects_token_close_ = true;
      core_.on_hello_refused({.code = msg::Code::unauthenticated, .detail = "no"});
    }
    advance();
    EXPECT_FALSE(expects_token_close_) << "not closed for a bad token" << told();
  }

  void time_over() {
    if (lost_) return;
    expects_hello_close_ = !open_ && hello_id_ == 0;
    EXPECT_EQ(core_.on_hello_timeout(), !open_ && hello_id_ != 0) << told();
    advance();
    EXPECT_FALSE(expects_hello_close_) << "not closed without hello" << told();
  }

  void advance() {
    while (auto step = core_.next(backlog_)) {
      ASSERT_FALSE(lost_) << "a step of a closed session" << told();
      std::visit([this](const auto& what) { perform(what); }, *step);
    }
  }

  void perform(const SessionCore::Answer& answer) {
    ASSERT_TRUE(answer.id) << told();
    if (refused_.contains(*answer.id)) {
      EXPECT_EQ(answer.problem.code, "unavailable") << told();
    }
    if (*answer.id == hello_id_) hello_id_ = 0;
    answered(*answer.id);
  }

  void perform(const SessionCore::Run& run) {
    const std::int64_t id = run.request.id;
    const bool is_hello = std::holds_alternative<HelloOp>(run.request.op);
    EXPECT_EQ(open_, !is_hello) << "a request in the wrong stage" << told();
    EXPECT_FALSE(refused_.contains(id)) << "begun after shutdown" << told();
    if (ordered_.contains(id)) {
      EXPECT_GT(id, last_ordered_) << "a send overtook another" << told();
      last_ordered_ = id;
    }
    if (!run.on_worker) return answered(id);
    ASSERT_FALSE(working_) << "two on workers" << told();
    EXPECT_FALSE(backlog_) << "begun while replies wait" << told();
    if (!std::exchange(workers_, true)) return core_.on_no_worker();
    working_ = true;
    working_on_hello_ = is_hello;
    if (!is_hello) answered(id);  // the worker's own reply
  }

  void perform(const SessionCore::Close& close) {
    bool* const expected = close.code == WsClose::rules_broken ? &expects_rules_close_
                           : close.code == WsClose::bad_token  ? &expects_token_close_
                                                               : &expects_hello_close_;
    EXPECT_TRUE(std::exchange(*expected, false))
        << "closed with " << static_cast<int>(close.code) << told();
  }

  void answered(std::int64_t id) {
    EXPECT_EQ(owed_.erase(id), 1u) << "a second reply to " << id << told();
  }

  SessionCore core_;
  std::vector<Input> history_;
  std::int64_t last_id_{0};
  std::set<std::int64_t> owed_;     ///< Said, and neither answered nor begun.
  std::set<std::int64_t> ordered_;  ///< Sends.
  std::set<std::int64_t> refused_;  ///< Said after the shutdown.
  std::int64_t last_ordered_{0};
  std::int64_t hello_id_{0};  ///< Of the one that is looked at, or waits for it; 0: none.
  int malformed_{0};
  bool open_{false};
  bool working_{false};
  bool working_on_hello_{false};
  bool workers_{true};
  bool backlog_{false};
  bool shut_{false};
  bool lost_{false};
  bool expects_rules_close_{false};
  bool expects_token_close_{false};
  bool expects_hello_close_{false};
};

/// Stops at the first failure: all that follow from it would be told too.
void play_all(const Play& before, int length) {
  if (testing::Test::HasFailure()) return;
  Play end = before;
  end.settle();
  if (length == 0) return;
  for (int input = 0; input < kInputs; ++input) {
    Play next = before;
    next.apply(static_cast<Input>(input));
    play_all(next, length - 1);
  }
}

TEST(SessionCore, EverySequenceFromTheBeginningKeepsItsPromises) {
  play_all(Play{}, 5);
}

TEST(SessionCore, EverySequenceOfAnOpenSessionKeepsItsPromises) {
  Play open;
  open.apply(Input::hello);
  open.apply(Input::worker_is_done);
  play_all(open, 5);
}

TEST(SessionCore, LongSequencesKeepTheirPromises) {
  std::mt19937 random(1);
  for (int round = 0; round < 2'000 && !HasFailure(); ++round) {
    Play play;
    for (int step = 0; step < 100; ++step) {
      // The end comes late: what is lost plays no more.
      const int inputs = step < 80 ? kInputs - 2 : kInputs;
      play.apply(static_cast<Input>(random() % static_cast<unsigned>(inputs)));
    }
    play.settle();
  }
}

std::string hello() {
  return R"({"id":0,"op":"hello"})";
}

TEST(SessionCore, NoMoreThanSoManyWait) {
  SessionCore core;
  core.on_text(hello());
  ASSERT_TRUE(std::holds_alternative<SessionCore::Run>(*core.next(false)));
  const auto say = [&](int id) {
    core.on_text(R"({"id":)" + std::to_string(id) + R"(,"op":"ping"})");
    return core.next(false);
  };
  for (int id = 1; id <= static_cast<int>(SessionCore::kWaitingMax); ++id) EXPECT_FALSE(say(id));
  const auto one_more = say(1'000);
  ASSERT_TRUE(one_more);
  EXPECT_EQ(std::get<SessionCore::Answer>(*one_more).problem.code, "overloaded");
}

TEST(SessionCore, AShutdownTellsWhenToComeBack) {
  SessionCore core;
  core.on_shutdown(std::chrono::milliseconds{250});
  core.on_text(hello());
  const auto step = core.next(false);
  ASSERT_TRUE(step);
  const auto& answer = std::get<SessionCore::Answer>(*step);
  EXPECT_EQ(answer.id, 0);
  EXPECT_EQ(answer.problem.retry_after, std::chrono::milliseconds{250});
}

}  // namespace
}  // namespace msgd
