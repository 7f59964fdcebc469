// SPDX-License-Identifier: Apache-2.0
#include "maintenance/writer_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "maintenance/record_stream.h"
#include "unit/store_results.h"

namespace msg::test {
namespace {

constexpr ConversationId kChat{5};

/// A copy of a conversation that several wrote to, made of rows: members who came, and changed
/// since, in no order of their ids, and messages in between.
class WriterRuns : public testing::Test {
 protected:
  void make(std::mt19937& random) {
    std::set<Version> versions;
    while (versions.size() < 150) versions.insert(Version{1 + static_cast<int>(random() % 5000)});
    for (const Version version : versions) {
      if (wanted_.empty() || random() % 3 == 0) writer_ = 1 + random() % 3;
      writers_[version] = writer_;
      if (wanted_.empty() || wanted_.back().second != writer_) {
        wanted_.emplace_back(version, writer_);
      }
    }
    std::vector<Version> shuffled(versions.begin(), versions.end());
    std::ranges::shuffle(shuffled, random);
    store_ = must(open_store("memory:", {}, Purpose::import));
    import_ = must(store_->begin_import());
    put_members({shuffled.begin(), shuffled.begin() + 100});
    put_messages({shuffled.begin() + 100, shuffled.end()});
    head_.row.id = kChat;
    head_.row.version = *versions.rbegin();
    head_.writer = writers_[head_.row.version];
    put(key_of(head_.row), head_);
    for (const auto& [from, writer] : wanted_) {
      must(import_->put(WriterRun{.conversation = kChat, .from = from, .writer = writer}));
    }
    Horizon horizon;
    for (const auto& [version, writer] : writers_) horizon.up_to.at(writer) = version;
    must(import_->finish({}, horizon, {}));
  }

  using Run = std::pair<Version, std::size_t>;
  std::vector<Run> runs(std::size_t stamps_max) const {
    std::vector<Run> found;
    const auto snapshot = must(store_->snapshot());
    must(for_each_writer_run(
        *snapshot, head_,
        [&](const WriterRun& run) -> Result<void> {
          EXPECT_EQ(run.conversation, kChat);
          found.emplace_back(run.from, run.writer);
          return {};
        },
        stamps_max));
    return found;
  }

  std::vector<Run> wanted_;

 private:
  template <class Row>
  void put(const RecordKey& key, const Row& row) {
    must(import_->put(Record{key, row}));
  }
  void put_members(const std::vector<Version>& versions) {
    for (std::size_t i = 0; i + 1 < versions.size(); i += 2) {
      const auto [joined, changed] = std::minmax(versions[i], versions[i + 1]);
      MemberRow member;
      member.conversation = kChat;
      member.user = UserId{static_cast<std::int64_t>(i) + 1};
      member.version = changed;
      const MembershipRow membership{member.user, kChat, true, joined};
      put(key_of(member), Stamped<MemberRow>{member, writers_[changed]});
      put(key_of(membership), Stamped<MembershipRow>{membership, writers_[joined]});
    }
  }
  void put_messages(std::vector<Version> versions) {
    std::ranges::sort(versions);
    Message message;
    message.id.conversation = kChat;
    message.sender = UserId{1};
    message.content = "x";
    for (const Version version : versions) {
      message.id.seq = Seq{to_int(message.id.seq) + 1};
      message.version = version;
      put(key_of(message), Stamped<Message>{message, writers_[version]});
    }
  }

  std::size_t writer_{0};
  std::map<Version, std::size_t> writers_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ImportTransaction> import_;
  Stamped<ConversationRow> head_;
};

TEST_F(WriterRuns, AreTheSameHoweverFewMembersAreSortedAtOnce) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  make(random);
  ASSERT_GT(wanted_.size(), 10u);
  for (const std::size_t stamps_max : {1U, 2U, 7U, 99U, 100U, 101U, 10'000U}) {
    EXPECT_EQ(runs(stamps_max), wanted_) << stamps_max;
  }
}

}  // namespace
}  // namespace msg::test
