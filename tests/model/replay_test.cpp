// SPDX-License-Identifier: Apache-2.0
// A cursor from any earlier moment, replayed, ends in the same state: in the middle of paging, of
// an event, over several hops with writes in between. And a device that goes live behind it loses
// nothing at the seam and gets nothing twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "model/dice.h"
#include "model/follower.h"
#include "model/must.h"
#include "model/side_by_side.h"

namespace msg::test {
namespace {

constexpr int kSteps = 900;

/// A user's device on a subscription: it syncs, goes live, falls behind, and is cut off at times.
class LiveDevice {
 public:
  explicit LiveDevice(UserId user) : follower_({.user = user}) {}

  /// Ends the connection; what is known stays.
  void cut() {
    subscription_.reset();
    is_live_ = false;
  }
  void pause() {
    if (subscription_) subscription_->pause();
    is_live_ = false;
  }
  /// One step nearer: live with the cursor at hand, if nothing was missed since; else a page more,
  /// and live when it was the last. Nothing is written meanwhile.
  testing::AssertionResult advance(Messenger& messenger, int limit) {
    if (!subscription_) {
      subscription_ = must(messenger.subscribe(
          follower_.knowledge().user, [this](const auto& event) { follower_.take(*event); }));
    }
    if (at_end_ && go_live()) return testing::AssertionSuccess();
    at_end_ = must(follower_.sync_page(messenger, limit));
    if (at_end_ && !go_live()) {
      return testing::AssertionFailure() << "not live, although nothing was written";
    }
    return testing::AssertionSuccess();
  }
  bool is_live() const { return is_live_; }
  Follower& follower() { return follower_; }

 private:
  bool go_live() {
    is_live_ = must(subscription_->go_live(follower_.knowledge().cursor));
    return is_live_;
  }

  Follower follower_;
  std::unique_ptr<Subscription> subscription_;
  bool is_live_{false};
  bool at_end_{false};  ///< The cursor is not in the middle of paging.
};

/// What a device knew when, and how it came to its cursor.
struct Moment {
  Knowledge knowledge;
  int step{};
  int hops{};
  std::string origin;
};

class Play {
 public:
  Play(const Backend& backend, const Sequence& sequence)
      : sequence_(sequence), both_(backend, sequence), dice_(sequence.seed ^ 0x5eed) {
    both_.on_close([this] {
      for (auto& [user, device] : devices_) device.cut();
    });
  }

  testing::AssertionResult run() {
    while (both_.steps() < sequence_.steps) {
      if (auto stepped = both_.step(); !stepped) return stepped;
      if (both_.model().users().empty()) continue;
      heed_switches();
      if (auto seen = look_around(); !seen) return explain(seen);
    }
    for (const auto& moment : moments_) {
      if (auto replayed = replay(moment); !replayed) {
        return explain(replayed) << "\nfrom the moment of step " << moment.step << ", "
                                 << moment.origin << ", after " << moment.hops << " hops";
      }
    }
    return testing::AssertionSuccess();
  }

  std::size_t moment_count() const { return moments_.size(); }
  int live_checks() const { return live_checks_; }

 private:
  /// What devices do between two operations.
  testing::AssertionResult look_around() {
    const auto die = dice_.below(100);
    if (die < 4) keep_new_device();
    if (die >= 4 && die < 6) keep_position();
    if (die >= 6 && die < 12) return hop();
    if (die >= 12 && die < 60) return move_live_device();
    return testing::AssertionSuccess();
  }

  /// A device hears at once when its user switches read receipts.
  void heed_switches() {
    for (const auto& [id, user] : both_.model().users()) {
      const auto [known, is_new] = switches_.try_emplace(id, user.read_receipts);
      if (is_new || std::exchange(known->second, user.read_receipts) == user.read_receipts)
        continue;
      const auto device = devices_.find(must(both_.messenger().load_user_by_phone(user.phone)).id);
      if (device != devices_.end()) device->second.follower().see_reads(user.read_receipts);
    }
  }

  UserId any_user() {
    auto entry = both_.model().users().begin();
    std::advance(entry, dice_.below(static_cast<std::int64_t>(both_.model().users().size())));
    return must(both_.messenger().load_user_by_phone(entry->second.phone)).id;
  }
  int any_limit() { return static_cast<int>(dice_.between(1, both_.limits().page_size_max)); }

  void keep(const Knowledge& knowledge, std::string origin, int hops = 0) {
    moments_.push_back({knowledge, both_.steps(), hops, std::move(origin)});
  }

  /// A device of today: after a page, or all of them.
  void keep_new_device() {
    Follower follower({.user = any_user()});
    const bool is_patient = dice_.percent(50);
    while (!must(follower.sync_page(both_.messenger(), any_limit())) && is_patient) {
    }
    keep(follower.knowledge(), "a first sync");
  }
  /// What the lists show, with the cursor of now.
  void keep_position() { keep(must(look_up(both_.messenger(), any_user())), "sync_position"); }

  /// An earlier moment goes on by a few pages and stays behind again.
  testing::AssertionResult hop() {
    if (moments_.empty()) return testing::AssertionSuccess();
    const auto count = static_cast<std::int64_t>(moments_.size());
    const Moment from = moments_.at(static_cast<std::size_t>(dice_.below(count)));
    Follower follower(from.knowledge);
    if (dice_.percent(30)) must(follower.settle(both_.messenger()));
    for (auto pages = dice_.between(1, 4); pages > 0; --pages) {
      if (must(follower.sync_page(both_.messenger(), any_limit()))) break;
    }
    keep(follower.knowledge(), from.origin, from.hops + 1);
    return is_content(follower);
  }

  testing::AssertionResult move_live_device() {
    const UserId user = any_user();
    LiveDevice& device = devices_.try_emplace(user, user).first->second;
    if (!device.is_live()) return device.advance(both_.messenger(), any_limit());
    if (auto compared = compare(device.follower()); !compared) return compared;
    ++live_checks_;
    const auto die = dice_.below(100);
    if (die < 20) keep(device.follower().knowledge(), "an event or a seam");
    if (die < 40) device.pause();
    if (die < 10) device.cut();
    return testing::AssertionSuccess();
  }

  /// Catches up by pages of any size; then once more from the old cursor, which changes nothing.
  testing::AssertionResult replay(const Moment& moment) {
    Follower follower(moment.knowledge);
    if (auto caught_up = catch_up(follower); !caught_up) return caught_up;
    follower.set_cursor(moment.knowledge.cursor);
    if (auto again = catch_up(follower); !again) return again << "\nthe second time";
    Follower fresh({.user = moment.knowledge.user});
    return catch_up(fresh);
  }
  testing::AssertionResult catch_up(Follower& follower) {
    while (!must(follower.sync_page(both_.messenger(), any_limit()))) {
    }
    return compare(follower);
  }

  /// With what the lists say; and nothing there is to complain about.
  testing::AssertionResult compare(Follower& follower) {
    must(follower.settle(both_.messenger()));
    if (auto content = is_content(follower); !content) return content;
    const auto truth = must(look_up(both_.messenger(), follower.knowledge().user));
    return is_same(follower.knowledge().text(), truth.text());
  }
  static testing::AssertionResult is_content(const Follower& follower) {
    if (follower.complaints().empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << follower.complaints().front();
  }
  testing::AssertionResult explain(testing::AssertionResult& failure) const {
    return failure << "\nseed " << sequence_.seed << ", step " << both_.steps() << "\n"
                   << both_.replay("EndsInTheSameState");
  }

  const Sequence sequence_;
  SideBySide both_;
  Dice dice_;
  std::map<UserId, LiveDevice> devices_;
  std::map<UserId, bool> switches_;  ///< By the model's ids.
  std::vector<Moment> moments_;
  int live_checks_{0};
};

class Replay : public testing::TestWithParam<Backend> {};

TEST_P(Replay, ACursorFromAnyEarlierMomentEndsInTheSameState) {
  for (const auto& sequence : sequences(GetParam(), kSteps)) {
    Play play(GetParam(), sequence);
    ASSERT_TRUE(play.run());
    RecordProperty("moments", static_cast<int>(play.moment_count()));
    if (sequence.steps < kSteps / 2) continue;  // too short to be worth anything
    EXPECT_GT(play.moment_count(), static_cast<std::size_t>(sequence.steps) / 20);
    EXPECT_GT(play.live_checks(), sequence.steps / 20);
  }
}

MSG_FOR_EACH_BACKEND(Replay);

}  // namespace
}  // namespace msg::test
