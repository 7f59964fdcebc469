// SPDX-License-Identifier: Apache-2.0
// What reading costs over the engine under it: pages of history at random depth, the list of
// conversations, sync with and without news.
#include <random>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "places.h"
#include "progress.h"
#include "report.h"
#include "resources.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: read_bench [--store rocksdb,sqlite,postgres,memory] [--messages 10000,1000000]\n"
    "                  [--conversations 10,100,1000,10000] [--only history|list|sync]\n"
    "                  [--seconds 1] [--rounds 5] [--json]\n"
    "\n"
    "  --messages       lengths of the conversation that pages are read from, ascending\n"
    "  --conversations  how many the user has whose list is read\n";

constexpr int kPage = 50;
constexpr int kPerRoom = 10;  // messages, of a raw engine

struct Settings {
  double seconds;
  int rounds;
  std::vector<std::int64_t> messages;
  std::vector<std::int64_t> conversations;
  std::string only;
};

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

class ReadBench {
 public:
  ReadBench(std::string store, const Settings& settings, const Report& report)
      : store_(std::move(store)), settings_(settings), report_(report) {}

  void history() {
    const auto raw = places_.make_raw(store_, 1);
    Chat chat(places_.make_url(store_));
    const auto room = must(chat.messenger().open_direct(chat.alice(), chat.bob())).id;
    Drafts drafts({room}, {chat.alice(), chat.bob()});
    std::int64_t loaded = 0;
    for (const auto count : settings_.messages) {
      load_both(chat.messenger(), drafts, *raw, count - loaded);
      loaded = count;
      std::uniform_int_distribution<std::int64_t> depth(kPage + 1, count);
      const auto ours = [&] {
        const HistoryRequest request{
            .conversation = room, .limit = kPage, .before = Seq{depth(random_)}};
        return must(chat.messenger().history(chat.alice(), request)).items.size() / kPage;
      };
      const auto base = [&] { return raw->read_page(0, depth(random_), kPage) / kPage; };
      measure("history", "page of 50 from " + with_commas(count), "pages/s", 0.7, base, ours);
    }
  }

  void list() {
    Chat chat(places_.make_url(store_));
    for (const auto count : settings_.conversations) {
      const auto rooms = static_cast<int>(count);
      const auto raw = make_raw(rooms);
      const UserId user = make_user_in(chat, rooms);
      const auto ours = [&] {
        return must(chat.messenger().list_conversations(user, {.limit = kPage})).items.empty() ? 0
                                                                                               : 1;
      };
      const auto base = [&] {
        raw->read_heads();
        for (int room = 0; room < std::min(rooms, kPage); ++room)
          raw->read_page(room, kPerRoom + 1, 1);
        return 1;
      };
      measure("list", "of " + with_commas(count), "lists/s", 0, base, ours);
      idle_sync(chat.messenger(), user, rooms, *raw);
    }
  }

  /// A thousand new messages in a tenth of the user's thousand conversations.
  void sync_with_news() {
    constexpr int kRooms = 1000;
    constexpr int kNews = 1000;
    Chat chat(places_.make_url(store_));
    const auto raw = make_raw(kRooms);
    const UserId user = make_user_in(chat, kRooms);
    const std::string cursor = must(chat.messenger().sync_position());
    Drafts drafts({rooms_.begin(), rooms_.begin() + kRooms / 10}, {user});
    load(chat.messenger(), drafts, kNews);
    const auto ours = [&] {
      std::size_t messages = 0;
      SyncRequest request{.limit = 200, .cursor = cursor};
      for (bool more = true; more;) {
        const SyncPage page = must(chat.messenger().sync(user, request));
        for (const auto& delta : page.conversations) messages += delta.messages.size();
        request.cursor = page.cursor;
        more = page.has_more;
      }
      return messages / kNews;
    };
    const auto base = [&] {
      raw->read_heads();
      for (int room = 0; room < kRooms / 10; ++room) raw->read_page(room, kPerRoom + 1, kPerRoom);
      return 1;
    };
    measure("sync", "1,000 changes, of 1,000", "syncs/s", 0, base, ours);
  }

 private:
  void idle_sync(Messenger& messenger, UserId user, int rooms, RawEngine& raw) {
    const std::string cursor = must(messenger.sync_position());
    const auto ours = [&] {
      return must(messenger.sync(user, {.cursor = cursor})).conversations.empty() ? 1 : 0;
    };
    const auto base = [&] { return raw.read_heads() > 0 ? 1 : 0; };
    measure("sync", "nothing new, of " + with_commas(rooms), "syncs/s", 0, base, ours);
  }

  std::unique_ptr<RawEngine> make_raw(int rooms) {
    auto raw = places_.make_raw(store_, rooms);
    for (int i = 0; i < kPerRoom; ++i) raw->write(rooms);
    places_.analyze(store_);
    return raw;
  }

  /// A user in so many groups (then rooms_), with one message in each.
  UserId make_user_in(Chat& chat, int rooms) {
    const UserId user = chat.make_user();
    rooms_.assign(static_cast<std::size_t>(rooms), {});
    in_parallel(rooms, [&](int i) {
      rooms_[static_cast<std::size_t>(i)] = chat.make_group(user, {chat.alice()});
    });
    Drafts drafts(rooms_, {chat.alice()});
    load(chat.messenger(), drafts, rooms);
    places_.analyze(store_);
    return user;
  }

  void load_both(Messenger& messenger, Drafts& drafts, RawEngine& raw, std::int64_t count) {
    Progress progress(store_ + ": loading", count);
    load(messenger, drafts, count, [&](std::int64_t done) { progress.show(done); });
    constexpr std::int64_t kBatch = 1000;
    for (std::int64_t left = count; left > 0; left -= kBatch) {
      raw.write(static_cast<int>(std::min(left, kBatch)));
    }
    places_.analyze(store_);
    settle();
  }

  void measure(const std::string& bench, const std::string& name, const std::string& unit,
               double aim, const std::function<std::int64_t()>& base,
               const std::function<std::int64_t()>& ours) {
    Row row{.bench = bench, .store = store_, .name = name, .unit = unit};
    row.aim = store_ == "memory" ? 0 : aim;
    compare(
        row, settings_.rounds, [&] { return repeat(settings_.seconds, base); },
        [&] { return repeat(settings_.seconds, ours); });
    report_.add(row);
  }

  std::string store_;
  const Settings& settings_;
  const Report& report_;
  Places places_;
  std::vector<ConversationId> rooms_;
  std::mt19937_64 random_{1};  // NOLINT(*-msc51-cpp): the same depths in each run
};

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres,memory");
  const Settings settings{.seconds = arguments.number("seconds", 1),
                          .rounds = static_cast<int>(arguments.number("rounds", 5)),
                          .messages = arguments.numbers("messages", "10000,1000000"),
                          .conversations = arguments.numbers("conversations", "10,100,1000,10000"),
                          .only = arguments.text("only")};
  const Report report(arguments.flag("json"));
  arguments.finish();
  const auto wanted = [&](const char* part) {
    return settings.only.empty() || settings.only == part;
  };
  for (const auto& store : stores) {
    if (!Places::can_use(store)) continue;
    ReadBench bench(store, settings, report);
    if (wanted("history")) bench.history();
    if (wanted("list")) bench.list();
    if (wanted("sync")) bench.sync_with_news();
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
