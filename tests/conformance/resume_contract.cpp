// SPDX-License-Identifier: Apache-2.0
// From which cursors a device can resume, and that it is told the truth about it.
#include <filesystem>

#include "contract.h"
#include "listener.h"

namespace msg::test {
namespace {

class ResumeContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId chat_ = direct(alice_, bob_);

  Result<SyncPage> sync(const std::string& cursor, int limit = 0) {
    return messenger_->sync(bob_.id, {.limit = limit, .cursor = cursor});
  }
};

TEST_P(ResumeContract, SaysWhetherItWasFromACursorOrFromTheBeginning) {
  send(alice_, chat_, "1");
  const auto first = must(sync(""));
  EXPECT_EQ(first.resumed, Resumed::beginning);
  EXPECT_EQ(must(sync(first.cursor)).resumed, Resumed::complete);
  EXPECT_EQ(must(sync(must(messenger_->sync_position()))).resumed, Resumed::complete);
}

TEST_P(ResumeContract, AnEventsCursorIsAsGoodAsOneOfSync) {
  Listener listener;
  const auto subscription = must(messenger_->subscribe(bob_.id, listener.handler()));
  ASSERT_TRUE(must(subscription->go_live(must(messenger_->sync_position()))));
  send(alice_, chat_, "1");
  const auto cursor = listener.events().back()->cursor;
  send(alice_, chat_, "2");
  const auto page = must(sync(cursor));
  EXPECT_EQ(page.resumed, Resumed::complete);
  EXPECT_EQ(seqs(page.conversations.at(0).messages), (std::vector<std::int64_t>{2}));
}

MSG_FOR_EACH_BACKEND(ResumeContract);

/// Stores that can be put back to what they were by copying files.
class RestoredContract : public ResumeContract {
 protected:
  void back_up() {
    messenger_.reset();
    std::filesystem::copy(directory_, backup_.path(), kAll);
    reopen();
  }
  void restore() {
    messenger_.reset();
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      std::filesystem::remove_all(entry.path());
    }
    std::filesystem::copy(backup_.path(), directory_, kAll);
    reopen();
  }

  static constexpr auto kAll =
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing;
  TemporaryDirectory backup_;
};

TEST_P(RestoredContract, ACursorOfALostPastIsRefusedHoweverFarTheStoreHasMovedOn) {
  send(alice_, chat_, "kept");
  const auto kept = must(sync("")).cursor;
  back_up();
  Listener listener;
  auto subscription = must(messenger_->subscribe(bob_.id, listener.handler()));
  ASSERT_TRUE(must(subscription->go_live(must(messenger_->sync_position()))));
  send(alice_, chat_, "lost");
  send(alice_, direct(alice_, add_user("dave")), "lost as well");
  const auto lost = must(sync(kept)).cursor;
  const auto position = must(messenger_->sync_position());
  const auto paging = must(messenger_->sync(alice_.id, {.limit = 1, .cursor = {}}));
  ASSERT_TRUE(paging.has_more);
  const auto event = listener.events().back()->cursor;
  subscription.reset();
  restore();

  const auto refused = [&](const std::string& cursor) {
    return refuses(sync(cursor), Code::invalid_argument, "cursor");
  };
  EXPECT_TRUE(refused(lost)) << "from the future";
  advance(std::chrono::hours(1));
  send(alice_, chat_, "another one");
  for (const auto& cursor : {lost, position, event}) EXPECT_TRUE(refused(cursor));
  EXPECT_TRUE(refuses(messenger_->sync(alice_.id, {.limit = 1, .cursor = paging.cursor}),
                      Code::invalid_argument, "cursor"));
  const auto again = must(messenger_->subscribe(bob_.id, listener.handler()));
  EXPECT_TRUE(refuses(again->go_live(lost), Code::invalid_argument, "cursor"));

  const auto resumed = must(sync(kept));
  EXPECT_EQ(resumed.resumed, Resumed::complete) << "what it had is in the backup";
  ASSERT_EQ(resumed.conversations.size(), 1u);
  EXPECT_EQ(resumed.conversations[0].messages.at(0).content, "another one");
  EXPECT_EQ(must(sync("")).conversations.at(0).messages.size(), 2u);
}

TEST_P(RestoredContract, CursorsStayGoodOverAnyNumberOfRestarts) {
  std::vector<std::string> cursors;
  for (int i = 0; i < 4; ++i) {
    cursors.push_back(must(sync("")).cursor);
    if (i != 2) send(alice_, chat_, "x");
    cursors.push_back(must(messenger_->sync_position()));
    reopen();
  }
  for (const auto& cursor : cursors) EXPECT_EQ(must(sync(cursor)).resumed, Resumed::complete);
}

MSG_FOR_EACH_FILE_BACKEND(RestoredContract);

}  // namespace
}  // namespace msg::test
