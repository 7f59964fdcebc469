// SPDX-License-Identifier: Apache-2.0
// Any store can be moved into any other: everything arrives, and cursors stay good.
#include <map>

#include "conformance/contract.h"
#include "maintenance/copy_store.h"
#include "msg/maintenance.h"
#include "msg/moderation.h"
#include "store/store.h"

namespace msg::test {
namespace {

struct Pair {
  Backend from;
  Backend to;
  friend void PrintTo(const Pair& pair, std::ostream* out) {
    *out << pair.from.name << " to " << pair.to.name;
  }
};

std::vector<Pair> pairs(const std::vector<Backend>& backends) {
  std::vector<Pair> all;
  for (const auto& from : backends) {
    for (const auto& to : backends) all.push_back({from, to});
  }
  return all;
}

std::string print_pair(const testing::TestParamInfo<Pair>& info) {
  return info.param.from.name + "_to_" + info.param.to.name;
}

NewUser person(int number) {
  NewUser user;
  user.phone = "+1415555" + std::to_string(1000 + number);
  if (number % 2 == 0) user.username = "user" + std::to_string(number);
  return user;
}

/// Everything there is a table for, in several pages of some of them.
struct Play {
  std::vector<User> users;
  ConversationId chat{};
  ConversationId group{};
  NewSession session;
  NewApiKey key;

  void begin(Messenger& m) {
    for (int i = 0; i < 30; ++i) users.push_back(must(m.register_user(person(i))));
    chat = must(m.open_direct(users[0].id, users[1].id)).id;
    must(m.open_direct(users[2].id, users[2].id));
    NewGroup wanted;
    wanted.title = "Group";
    for (const auto& user : users) wanted.users.push_back(user.id);
    group = must(m.create_group(users[0].id, wanted)).id;
    for (int i = 3; i < 30; ++i) must(m.open_direct(users[0].id, users[static_cast<size_t>(i)].id));
    session = must(m.create_session(users[1].id, "laptop"));
    key = must(m.create_api_key("backend"));
    send(m, users[0].id, chat, 700, true);
    for (int i = 0; i < 20; ++i) send(m, users[static_cast<std::size_t>(i)].id, group, 20, i < 10);
    must(m.mark(users[1].id, {chat, MessageState::read, Seq{300}}));
    must(m.prefer(users[1].id, chat,
                  {.pinned = true,
                   .muted_until = m.load_user(users[1].id)->created_at + std::chrono::hours(99)}));
    must(m.mark(users[3].id, {group, MessageState::delivered, Seq{77}}));
    change(m, 1);
    must(m.remove_member(users[0].id, group, users[9].id));
  }

  /// Edits and deletions, of some messages several.
  void change(Messenger& m, int times) {
    for (int i = 0; i < times * 30; ++i) {
      const Edit edit{{chat, Seq{1 + i * 7 % 40}}, "edited " + std::to_string(i)};
      if (const auto edited = m.edit(users[0].id, edit); !edited) {
        if (edited.error().code != Code::conflict) must(edited);
      }
      if (i % 5 == 0) must(m.delete_for_everyone(users[0].id, {chat, Seq{100 + i}}));
    }
    must(m.delete_for_everyone(users[0].id, {group, Seq{3}}));
    for (int i = 0; i < times * 40; ++i) {
      const auto& user = users[static_cast<std::size_t>(i % 8)];
      must(m.react(user.id, {{group, Seq{5 + i % 9}}, i % 3 == 0 ? "👍" : "❤️"}));
    }
    must(m.pin(users[0].id, {group, Seq{8}}));
    must(m.delete_for_me(users[20].id, {group, Seq{times + 10}}));
    must(m.forward({.message = {chat, Seq{50}}, .sender = users[0].id, .conversation = group}));
    must(m.send({.conversation = group,
                 .sender = users[4].id,
                 .content = "you",
                 .mentions = {users[5].id, users[6].id}}));
  }

  void go_on(Messenger& m) {
    send(m, users[1].id, chat, 3, false);
    must(m.mark(users[0].id, {chat, MessageState::read, Seq{702}}));
    must(m.add_member(users[0].id, group, users[9].id, Role::admin));
    must(m.remove_member(users[0].id, group, users[11].id));
    send(m, users[12].id, group, 150, true);
    change(m, 2);
    moderate(m);
  }

  /// Rules, somebody who joins with the history in view, ways in, blocks with a conversation and
  /// without.
  void moderate(Messenger& m) const {
    Moderation moderation{m};
    must(moderation.change_rules(
        users[0].id, group,
        {.pin = Role::member, .history_for_newcomers = true, .members_max = 30}));
    must(m.add_member(users[0].id, group, users[11].id, Role::member));
    must(moderation.create_invitation(users[0].id, {.conversation = group, .uses_max = 5}));
    const auto asking = must(
        moderation.create_invitation(users[0].id, {.conversation = group, .needs_approval = true}));
    must(m.remove_member(users[0].id, group, users[13].id));
    must(moderation.join(users[13].id, asking.token));
    must(moderation.block(users[20].id, users[0].id));
    must(moderation.block(users[20].id, users[21].id));
  }

  static void send(Messenger& m, UserId sender, ConversationId conversation, int count, bool keys) {
    std::vector<Draft> drafts(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      auto& draft = drafts[static_cast<std::size_t>(i)];
      draft.conversation = conversation;
      draft.sender = sender;
      draft.content = "Ağaç 🙂 " + std::to_string(i);
      if (keys) draft.client_id = "key " + std::to_string(i);
    }
    for (auto& result : m.send_many(drafts)) must(std::move(result));
  }
};

/// What a sync brings, in words.
std::vector<std::string> news(Messenger& messenger, UserId user, std::string cursor,
                              std::string* last = nullptr) {
  std::vector<std::string> lines;
  for (bool more = true; more;) {
    SyncRequest request;
    request.cursor = cursor;
    const auto page = must(messenger.sync(user, request));
    for (const auto& delta : page.conversations) {
      const auto id = std::to_string(to_int(delta.view.conversation.id));
      lines.push_back(id + " unread " + std::to_string(delta.view.unread_count));
      if (delta.missing) lines.push_back("missing " + std::to_string(to_int(delta.missing->from)));
      if (delta.stale) lines.push_back("stale " + std::to_string(to_int(delta.stale->from)));
      for (const auto& m : delta.messages) lines.push_back(to_string(m.id) + " " + m.content);
      for (const auto& m : delta.members) {
        lines.push_back(id + " member " + std::to_string(to_int(m.user)) + " read " +
                        std::to_string(to_int(m.read)) + (m.active ? "" : " left"));
      }
    }
    cursor = page.cursor;
    more = page.has_more;
  }
  if (last != nullptr) *last = cursor;
  return lines;
}

class CopyContract : public testing::TestWithParam<Pair> {
 protected:
  CopyContract() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-copy-XXXXXX").string();
    if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp failed");
    directory_ = path;
    std::filesystem::create_directory(directory_ / "from");
    std::filesystem::create_directory(directory_ / "to");
    from_ = GetParam().from.url(directory_ / "from");
    to_ = GetParam().to.url(directory_ / "to");
  }
  ~CopyContract() override { std::filesystem::remove_all(directory_); }

  /// Both are small, so that there are many batches.
  static CopyOptions small_batches() {
    CopyOptions options;
    options.batch_rows = 100;
    return options;
  }
  static void expect_sound(const CheckReport& report) {
    EXPECT_EQ(report.problem_count, 0) << testing::PrintToString(report.problems);
    EXPECT_EQ(report.users, 30);
    EXPECT_EQ(report.messages, 1257);
  }

  std::filesystem::path directory_;
  std::string from_;
  std::string to_;
};

using CopyOfEverything = CopyContract;
using CopyBetweenFiles = CopyContract;

TEST_P(CopyOfEverything, ArrivesWhole) {
  const std::string first = "sqlite:" + (directory_ / "first.db").string();
  {
    const auto messenger = must(open(first));
    Play play;
    play.begin(*messenger);
    play.go_on(*messenger);
  }
  const auto origin = must(open_store(first, {}, Purpose::inspect));
  auto from = must(open_store(from_, {}, Purpose::import));
  must(copy_store(*origin, *from, small_batches()));
  if (GetParam().from.durable) {
    from.reset();
    from = must(open_store(from_, {}, Purpose::inspect));
  }
  auto to = must(open_store(to_, {}, Purpose::import));
  auto report = must(copy_store(*from, *to, small_batches()));
  EXPECT_EQ(report.messages, 1257);
  if (GetParam().to.durable) {
    to.reset();
    to = must(open_store(to_, {}, Purpose::inspect));
  }
  must(compare_stores(*origin, *to, {}, report));
  EXPECT_EQ(report.difference_count, 0) << testing::PrintToString(report.differences);
  expect_sound(must(check_store(*to, {})));
}

TEST_P(CopyBetweenFiles, CursorsTokensAndKeysOfTheSourceAreGoodForTheCopy) {
  Play play;
  std::map<std::string, std::vector<std::string>> wanted;
  std::string position;
  {
    const auto source = must(open(from_));
    play.begin(*source);
    const std::string early = must(source->sync_position());
    play.go_on(*source);
    position = must(source->sync_position());
    for (const auto& cursor : {early, position}) {
      wanted[cursor] = news(*source, play.users[0].id, cursor);
    }
    EXPECT_GT(wanted[early].size(), 50u);
    EXPECT_TRUE(wanted[position].empty());
  }
  CopyOptions options = small_batches();
  options.verify = true;
  const auto report = must(copy_store(from_, to_, options));
  EXPECT_TRUE(report.is_verified);
  EXPECT_EQ(report.difference_count, 0) << testing::PrintToString(report.differences);
  expect_sound(must(check_store(to_)));

  const auto target = must(open(to_));
  for (const auto& [cursor, lines] : wanted) {
    EXPECT_EQ(news(*target, play.users[0].id, cursor), lines);
  }
  EXPECT_EQ(must(target->authenticate(play.session.token)).session->user, play.users[1].id);
  EXPECT_TRUE(must(target->authenticate(play.key.secret)).key);
  // It goes on where the source stopped.
  Play::send(*target, play.users[1].id, play.chat, 2, false);
  std::string cursor;
  const auto lines = news(*target, play.users[0].id, position, &cursor);
  EXPECT_EQ(std::ranges::count_if(lines, [](const auto& line) { return line.contains("Ağaç"); }),
            2);
  EXPECT_TRUE(news(*target, play.users[0].id, cursor).empty());
}

TEST_P(CopyBetweenFiles, ACopyThatWasCutShortIsRefusedAndGoesOn) {
  {
    const auto source = must(open(from_));
    Play play;
    play.begin(*source);
    play.go_on(*source);
  }
  // The handler's exception ends the copy at some commit, as an end of the process would.
  struct Cut : std::runtime_error {
    using runtime_error::runtime_error;
  };
  CopyOptions options = small_batches();
  std::int64_t so_far = 0;
  bool was_resumed = false;
  for (int cuts = 1;; ++cuts) {
    int calls = 0;
    options.progress = [&](const Progress& progress) {
      if (progress.stage == Progress::Stage::copying && ++calls == 9) throw Cut("cut");
    };
    try {
      const auto report = must(copy_store(from_, to_, options));
      was_resumed = report.was_resumed;
      so_far = report.rows;
      break;
    } catch (const Cut&) {
    }
    if (cuts > 1) {
      EXPECT_TRUE(refuses(open(to_), Code::conflict)) << cuts;
    }
    ASSERT_LT(cuts, 100);
  }
  EXPECT_TRUE(was_resumed);
  EXPECT_GT(so_far, 1257);
  options = {};
  options.verify = true;
  const auto again = must(copy_store(from_, to_, options));
  EXPECT_TRUE(again.was_complete);
  EXPECT_EQ(again.difference_count, 0) << testing::PrintToString(again.differences);
}

TEST_P(CopyBetweenFiles, OnlyAnEmptyTargetOrTheSameCopyWillDo) {
  {
    const auto source = must(open(from_));
    must(source->register_user(person(1)));
    const auto other = must(open(to_));
    must(other->register_user(person(2)));
  }
  EXPECT_TRUE(refuses(copy_store(from_, to_), Code::conflict, "to"));
  EXPECT_TRUE(refuses(copy_store(from_, from_), Code::invalid_argument, "to"));
}

TEST_P(CopyBetweenFiles, AWriteToEitherSideIsNoticed) {
  {
    const auto source = must(open(from_));
    must(source->register_user(person(1)));
  }
  must(copy_store(from_, to_));
  must(must(open(to_))->register_user(person(2)));
  EXPECT_TRUE(refuses(copy_store(from_, to_), Code::conflict, "to"));
}

INSTANTIATE_TEST_SUITE_P(Store, CopyOfEverything, testing::ValuesIn(pairs(backends())), print_pair);
INSTANTIATE_TEST_SUITE_P(Store, CopyBetweenFiles, testing::ValuesIn(pairs(durable_backends())),
                         print_pair);

}  // namespace
}  // namespace msg::test
