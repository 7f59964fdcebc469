// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "contract.h"

namespace msg::test {
namespace {

class HistoryContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId chat_ = direct(alice_, bob_);

  Page<Message> page(HistoryRequest request) {
    request.conversation = chat_;
    return must(messenger_->history(alice_.id, request));
  }
  std::vector<std::int64_t> walk(HistoryRequest request, bool forward) {
    std::vector<std::int64_t> seen;
    for (int pages = 0; pages < 10'000; ++pages) {
      const auto got = page(request);
      const auto part = seqs(got.items);
      seen.insert(forward ? seen.end() : seen.begin(), part.begin(), part.end());
      if (!(forward ? got.has_more : got.has_prev)) return seen;
      request = {.limit = request.limit, .cursor = forward ? got.next : got.prev};
    }
    ADD_FAILURE() << "paging does not end";
    return seen;
  }
  static std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> result;
    for (auto i = first; first <= last ? i <= last : i >= last; i += first <= last ? 1 : -1) {
      result.push_back(i);
    }
    return result;
  }
};

TEST_P(HistoryContract, PagesNeverOverlapAndNeverSkipInEitherOrder) {
  send_many(alice_, chat_, 301);
  for (const int limit : {1, 7, 50, 100, 200}) {
    EXPECT_EQ(walk({.limit = limit}, true), range(301, 1));
    EXPECT_EQ(walk({.limit = limit, .cursor = {}, .order = Order::oldest_first}, true),
              range(1, 301));
  }
}

/// A page is bounded in bytes as well: it ends early, at the end that is farther from its place.
TEST_P(HistoryContract, APageOfLargeMessagesEndsEarlyAndLeavesNothingOut) {
  for (int i = 0; i < 30; ++i) send(alice_, chat_, std::string(60'000, 'x'));
  const auto first = page({.limit = 200});
  EXPECT_EQ(seqs(first.items), range(30, 14)) << "17 of them are just under a MiB";
  EXPECT_TRUE(first.has_more);
  EXPECT_EQ(walk({.limit = 200}, true), range(30, 1));
  EXPECT_EQ(walk({.limit = 200, .cursor = {}, .order = Order::oldest_first}, true), range(1, 30));
  EXPECT_EQ(walk({.limit = 200, .cursor = {}, .before = Seq{31}}, true), range(30, 1));
  EXPECT_EQ(walk({.limit = 200, .cursor = {}, .after = Seq{0}}, false), range(30, 1));
  const auto around = page({.limit = 200, .cursor = {}, .around = Seq{15}});
  EXPECT_EQ(around.items.size(), 17U);
  EXPECT_EQ(around.items[8].id.seq, Seq{15});
}

TEST_P(HistoryContract, WalksBackToWhereItCameFrom) {
  send_many(alice_, chat_, 100);
  const auto first = page({.limit = 30});
  const auto second = page({.limit = 30, .cursor = first.next});
  EXPECT_EQ(seqs(second.items), range(70, 41));
  EXPECT_TRUE(second.has_prev && second.has_more);
  const auto back = page({.limit = 30, .cursor = second.prev});
  EXPECT_EQ(seqs(back.items), range(100, 71));
  EXPECT_FALSE(back.has_prev);
}

TEST_P(HistoryContract, StaysStableWhileOthersAppend) {
  send_many(alice_, chat_, 10);
  const auto first = page({.limit = 4});
  send_many(bob_, chat_, 5);
  EXPECT_EQ(seqs(page({.limit = 4, .cursor = first.next}).items), range(6, 3));
  EXPECT_EQ(seqs(page({.limit = 10, .cursor = first.prev}).items), range(15, 11));
}

TEST_P(HistoryContract, ReadsBeforeAfterAndAroundASeq) {
  send_many(alice_, chat_, 50);
  EXPECT_EQ(seqs(page({.limit = 3, .before = Seq{10}}).items), range(9, 7));
  EXPECT_EQ(seqs(page({.limit = 3, .after = Seq{10}}).items), range(13, 11));
  EXPECT_EQ(seqs(page({.limit = 3, .order = Order::oldest_first, .after = Seq{10}}).items),
            range(11, 13));
  EXPECT_EQ(seqs(page({.limit = 5, .order = Order::oldest_first, .around = Seq{20}}).items),
            range(18, 22));
  EXPECT_EQ(seqs(page({.limit = 5, .around = Seq{50}}).items), range(50, 46));
  EXPECT_EQ(seqs(page({.limit = 5, .around = Seq{1}}).items), range(5, 1));
  const auto middle = page({.limit = 5, .order = Order::oldest_first, .around = Seq{20}});
  EXPECT_EQ(seqs(page({.limit = 5, .cursor = middle.next}).items), range(23, 27));
  EXPECT_EQ(seqs(page({.limit = 5, .cursor = middle.prev}).items), range(13, 17));
  EXPECT_TRUE(page({.limit = 5, .after = Seq{50}}).items.empty());
  EXPECT_TRUE(page({.limit = 5, .before = Seq{1}}).items.empty());
}

TEST_P(HistoryContract, ACursorOfAnEmptyPageFindsWhatComesLater) {
  const auto empty = page({.limit = 5, .order = Order::oldest_first});
  EXPECT_TRUE(empty.items.empty());
  EXPECT_FALSE(empty.has_more || empty.has_prev);
  send_many(alice_, chat_, 3);
  EXPECT_EQ(seqs(page({.limit = 5, .cursor = empty.next}).items), range(1, 3));
  const auto end = page({.limit = 5, .order = Order::oldest_first});
  send_many(alice_, chat_, 2);
  EXPECT_EQ(seqs(page({.limit = 5, .cursor = end.next}).items), range(4, 5));
}

TEST_P(HistoryContract, FindsDatesInBothDirectionsLikeAPlainScan) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<Time> times;
  for (int i = 0; i < 700; ++i) {
    // Bursts within one millisecond, pauses, and a clock that now and then goes back.
    advance(std::chrono::milliseconds(random() % 4 == 0 ? random() % 5000 : 0));
    if (random() % 50 == 0) advance(std::chrono::milliseconds(-700));
    times.push_back(send(random() % 2 ? alice_ : bob_, chat_, "x").created_at);
  }
  for (int round = 0; round < 60; ++round) {
    const auto pick = [&] {
      return times[random() % times.size()] + std::chrono::milliseconds(int(random() % 3) - 1);
    };
    auto from = pick();
    auto to = pick();
    if (from > to) std::swap(from, to);
    std::vector<std::int64_t> expected;
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i] >= from && times[i] < to) expected.push_back(static_cast<std::int64_t>(i) + 1);
    }
    EXPECT_EQ(walk({.limit = 64, .order = Order::oldest_first, .from = from, .to = to}, true),
              expected);
    std::ranges::reverse(expected);
    EXPECT_EQ(walk({.limit = 64, .from = from, .to = to}, true), expected);
  }
}

TEST_P(HistoryContract, TakesDatesBeyondAnyMessage) {
  send_many(alice_, chat_, 3);
  const auto far = std::chrono::hours(24 * 365 * 5000);
  EXPECT_EQ(page({.from = now() - std::chrono::hours(1), .to = now() + far}).items.size(), 3u);
  EXPECT_TRUE(page({.from = now() + far}).items.empty());
  EXPECT_TRUE(page({.to = Time{} - far}).items.empty());
  EXPECT_EQ(page({.from = Time{} - far}).items.size(), 3u);
}

TEST_P(HistoryContract, RefusesWhatMakesNoSense) {
  const auto attempt = [&](HistoryRequest request) {
    request.conversation = chat_;
    return messenger_->history(alice_.id, request);
  };
  const auto bad = Code::invalid_argument;
  EXPECT_TRUE(refuses(attempt({.limit = 201}), bad, "limit"));
  EXPECT_TRUE(refuses(attempt({.limit = -1}), bad, "limit"));
  EXPECT_TRUE(refuses(attempt({.before = Seq{1}, .after = Seq{2}}), bad));
  EXPECT_TRUE(refuses(attempt({.before = Seq{-1}}), bad, "before"));
  EXPECT_TRUE(refuses(attempt({.cursor = "nonsense"}), bad, "cursor"));
  EXPECT_TRUE(
      refuses(attempt({.from = now(), .to = now() - std::chrono::seconds(1)}), bad, "from"));
  const auto other = direct(alice_, add_user("carol"));
  const auto foreign = must(messenger_->history(alice_.id, {.conversation = other}));
  EXPECT_TRUE(refuses(attempt({.cursor = foreign.next}), bad, "cursor"));
}

TEST_P(HistoryContract, ShowsTheSenderHowFarMessagesGot) {
  send_many(alice_, chat_, 3);
  send(bob_, chat_, "x");
  delivered(bob_, chat_, 2);
  read(bob_, chat_, 1);
  const auto own = page({.order = Order::oldest_first});
  EXPECT_EQ(own.items[0].state, MessageState::read);
  EXPECT_EQ(own.items[1].state, MessageState::delivered);
  EXPECT_EQ(own.items[2].state, MessageState::sent);
  EXPECT_FALSE(own.items[3].state) << "only for one's own messages";
}

MSG_FOR_EACH_BACKEND(HistoryContract);

}  // namespace
}  // namespace msg::test
