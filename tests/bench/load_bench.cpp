// SPDX-License-Identifier: Apache-2.0
// One conversation that grows to millions of messages, loaded as any program would: how fast, how
// much disk and memory, and whether a page costs the same at any length.
#include <algorithm>
#include <optional>
#include <random>

#include "arguments.h"
#include "chat.h"
#include "figures.h"
#include "places.h"
#include "progress.h"
#include "report.h"
#include "resources.h"
#include "sample.h"

namespace msg::bench {
namespace {

constexpr const char* kUsage =
    "Usage: load_bench [--store rocksdb,sqlite,postgres] [--messages 10000000]\n"
    "                  [--seconds 1] [--rounds 5] [--json]\n"
    "\n"
    "  --messages  at 10,000 and each ten times that, pages of 50 at random depth are compared\n"
    "              with those of a conversation of 10,000 in the same store\n";

constexpr int kPage = 50;
constexpr std::int64_t kSmall = 10'000;

struct Settings {
  double seconds;
  int rounds;
  std::int64_t messages;
};

class LoadBench {
 public:
  LoadBench(std::string store, const Settings& settings, const Report& report)
      : store_(std::move(store)),
        settings_(settings),
        report_(report),
        url_(places_.make_url(store_)),
        resident_before_(resident_bytes()) {
    chat_.emplace(url_);
    small_ = must(messenger().open_direct(chat_->alice(), chat_->alice())).id;
    large_ = must(messenger().open_direct(chat_->alice(), chat_->bob())).id;
    Drafts drafts({small_}, {chat_->alice()});
    load(messenger(), drafts, kSmall);
  }

  void run() {
    Drafts drafts({large_}, {chat_->alice(), chat_->bob()});
    Progress progress(store_, settings_.messages);
    std::int64_t loaded = 0;
    double spent = 0;
    double first_rate = 0;
    double last_rate = 0;
    for (std::int64_t next = kSmall; loaded < settings_.messages; next *= 10) {
      const auto until = std::min(next, settings_.messages);
      const Stopwatch watch;
      progress.go_on();
      load(messenger(), drafts, until - loaded,
           [&](std::int64_t done) { progress.show(loaded + done); });
      spent += watch.seconds();
      last_rate = watch.sample(until - loaded).rate;
      if (first_rate == 0 || until <= 100'000) first_rate = last_rate;
      loaded = until;
      const auto resident = resident_bytes();
      settle();
      compare_pages(loaded);
      if (loaded == settings_.messages) report_memory(resident);
    }
    Row row{.bench = "load",
            .store = store_,
            .name = "load " + std::to_string(loaded),
            .unit = "sends/s"};
    row.note("rate", static_cast<double>(loaded) / spent);
    row.note("rate_up_to_100000", first_rate);
    row.note("rate_of_last_part", last_rate);
    report_.add(row);
    report_disk(loaded);
  }

 private:
  Messenger& messenger() { return chat_->messenger(); }

  std::int64_t read_page(ConversationId room, std::int64_t length) {
    std::uniform_int_distribution<std::int64_t> depth(kPage + 1, length);
    const HistoryRequest request{
        .conversation = room, .limit = kPage, .before = Seq{depth(random_)}};
    return static_cast<std::int64_t>(
        must(messenger().history(chat_->alice(), request)).items.size() / kPage);
  }

  void compare_pages(std::int64_t length) {
    Row row{.bench = "flat",
            .store = store_,
            .name = "page of 50 from " + std::to_string(length),
            .unit = "pages/s"};
    compare(
        row, settings_.rounds,
        [&] { return repeat(settings_.seconds, [&] { return read_page(small_, kSmall); }); },
        [&] { return repeat(settings_.seconds, [&] { return read_page(large_, length); }); });
    report_.add(row);
  }

  void report_memory(std::int64_t after_load) {
    Row row{.bench = "memory", .store = store_, .name = "resident", .unit = "bytes"};
    row.note("resident_before", static_cast<double>(resident_before_));
    row.note("resident_after_load", static_cast<double>(after_load));
    row.note("resident_after_pages", static_cast<double>(resident_bytes()));
    row.note("resident_peak", static_cast<double>(resident_peak_bytes()));
    if (store_ == "rocksdb") row.note("budget", 256.0 * 1024 * 1024);
    report_.add(row);
  }

  /// Of the closed store: what is there when nothing is under way.
  void report_disk(std::int64_t loaded) {
    chat_.reset();
    const auto bytes = static_cast<double>(places_.bytes_on_disk(url_));
    Row row{.bench = "disk", .store = store_, .name = "per message", .unit = "bytes"};
    const double each = bytes / static_cast<double>(loaded + kSmall);
    row.note("bytes_per_message", each);
    row.note("payload_bytes", kTextBytes);
    row.note("payload_share", kTextBytes / each);
    report_.add(row);
    places_.erase(url_);
  }

  std::string store_;
  const Settings& settings_;
  const Report& report_;
  Places places_;
  std::string url_;
  std::int64_t resident_before_;
  std::optional<Chat> chat_;
  ConversationId small_{};
  ConversationId large_{};
  std::mt19937_64 random_{1};  // NOLINT(*-msc51-cpp): the same depths in each run
};

int run(int argc, char** argv) {
  Arguments arguments(argc, argv, kUsage);
  const auto stores = arguments.words("store", "rocksdb,sqlite,postgres");
  const Settings settings{
      .seconds = arguments.number("seconds", 1),
      .rounds = static_cast<int>(arguments.number("rounds", 5)),
      .messages = static_cast<std::int64_t>(arguments.number("messages", 10'000'000))};
  const Report report(arguments.flag("json"));
  arguments.finish();
  for (const auto& store : stores) {
    if (Places::can_use(store)) LoadBench(store, settings, report).run();
  }
  return 0;
}

}  // namespace
}  // namespace msg::bench

int main(int argc, char** argv) {
  return msg::bench::run(argc, argv);
}
