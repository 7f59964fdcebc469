// SPDX-License-Identifier: Apache-2.0
#include "feed/relay.h"

#include <algorithm>
#include <utility>

#include "feed/typing_word.h"

namespace msg {
namespace {

constexpr std::string_view kCommits = "commits";

/// So long commits wait to be told of for one that they were built on, and that was not heard of.
/// A bus takes a millisecond.
constexpr std::chrono::milliseconds kPatience{50};

/// And so long while the thread is held up by the store, for example.
constexpr std::chrono::milliseconds kPatienceWithTheThread{500};

/// New messages that are read at once.
constexpr std::size_t kReadMax = 256;

/// Hints, and items in them, that wait for the thread. What is more is lost, as on the way.
constexpr std::size_t kHeardMax = 64 * 1024;

}  // namespace

Relay::Relay(Store& store, ChangeHub& hub, const Options& options)
    : store_(store),
      hub_(hub),
      reader_(store, [&hub](ConversationId id) { return hub.listens_to(id); }),
      codec_(store.identity()),
      writer_(store.identity().writer),
      bus_(store.is_shared() ? options.bus : nullptr),
      interval_(options.follow_interval),
      next_look_(Clock::now() + interval_),
      typing_(bus_, store.identity(), "typing", options.clock,
              [&hub](std::string_view, std::string_view word) {
                if (auto event = decode_typing(word)) {
                  const UserId user = std::get<TypingEvent>(event->body).user;
                  hub.publish_passing(std::make_shared<const Event>(*std::move(event)), user);
                }
              }) {
  if (!store.is_shared()) return;
  thread_ = std::thread([this] { loop(); });
  if (bus_) bus_->listen(kCommits, [this](std::string_view bytes) { hear(bytes); });
}

Relay::~Relay() {
  if (!thread_.joinable()) return;
  if (bus_) bus_->stop_listening(kCommits);
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

/// Others first: theirs may wait for ours.
void Relay::committed(const Commit& commit) {
  if (commit.last == Version{}) return;
  News news = news_of(commit, writer_);
  if (bus_) tell_others(news);
  hub_.follow(std::move(news));
  const auto waits_since = thread_.joinable() ? hub_.waits_since() : std::nullopt;
  if (!waits_since) return;
  const auto now = Clock::now();
  const bool is_heard = bus_ && bus_->state().connected;
  if (!is_heard || now > *waits_since + kPatienceWithTheThread) return hub_.stop_waiting(now);
  {
    const std::scoped_lock lock(mutex_);
    is_hub_waiting_ = true;
  }
  wake_.notify_one();
}

void Relay::tell_others(const News& news) {
  std::string bytes = codec_.encode(news);
  // Too long to be told of in detail.
  if (bytes.size() > kBusPayloadMax) {
    News concise{.writer = news.writer,
                 .life = news.life,
                 .before = news.before,
                 .last = news.last,
                 .built_on = news.built_on,
                 .items = {Everybody{}}};
    bytes = codec_.encode(concise);
  }
  bus_->publish(kCommits, std::move(bytes));
}

void Relay::typing(ConversationId conversation, const TypingEvent& event) {
  typing_.say(encode_typing(conversation, event));
}

void Relay::hear(std::string_view bytes) {
  auto hint = codec_.decode_commit(bytes);
  if (!hint) return;
  hint->news.heard_at = Clock::now();
  const std::size_t size = 1 + hint->news.items.size();
  {
    const std::scoped_lock lock(mutex_);
    if (heard_size_ + size > kHeardMax) return;
    heard_size_ += size;
    heard_.push_back(*std::move(hint));
  }
  wake_.notify_one();
}

void Relay::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    is_hub_waiting_ = false;
    wake_.wait_until(lock, next_look_or_end_of_patience(),
                     [this] { return stopping_ || is_hub_waiting_ || !heard_.empty(); });
    heard_size_ = 0;
    auto heard = std::exchange(heard_, {});
    lock.unlock();
    if (!heard.empty()) follow(heard);
    if (Clock::now() >= next_look_) {
      look();
      next_look_ = Clock::now() + interval_;
    }
    lock.lock();
    // What came in time may be what is waited for.
    const auto since = Clock::now() - kPatience;
    const bool is_read = heard_.empty() || heard_.front().news.heard_at > since;
    if (!is_read) continue;
    lock.unlock();
    hub_.stop_waiting(since);
    lock.lock();
  }
}

Relay::Clock::time_point Relay::next_look_or_end_of_patience() const {
  const auto waits_since = hub_.waits_since();
  return waits_since ? std::min(next_look_, *waits_since + kPatience) : next_look_;
}

void Relay::follow(std::span<CommitHint> hints) {
  while (!hints.empty()) {
    std::size_t count = 0;
    for (std::size_t messages = 0; count < hints.size() && messages < kReadMax; ++count) {
      messages += hints[count].sent.size();
    }
    const auto now = hints.first(count);
    reader_.fill(now);
    for (CommitHint& hint : now) hub_.follow(std::move(hint.news));
    hints = hints.subspan(count);
  }
}

/// What was there at the last look, and was not heard of since, will not be heard of. Without a bus
/// nothing of another writer ever is; a commit of our own may be on its way to the hub.
void Relay::look() {
  if (!hub_.is_in_order()) return catch_up();
  if (!hub_.has_listeners()) return;
  const Horizon known = hub_.reached();  // before the snapshot: it has all of that, or has lost it
  const auto snapshot = store_.snapshot();
  if (!snapshot) return;
  const auto now = (*snapshot)->horizon();
  if (!now) return;
  Horizon expected = std::exchange(seen_, *now);
  if (!bus_) {
    const Version own = expected.up_to.at(writer_);
    expected = *now;
    expected.up_to.at(writer_) = own;
  }
  if (!meet(expected, *now).within(hub_.reached()) || !known.within(*now)) catch_up();
}

void Relay::catch_up() {
  const auto snapshot = store_.late_snapshot();  // whose view is of the first question
  hub_.begin_catch_up();
  std::optional<Position> position;
  if (snapshot) {
    const auto now = (*snapshot)->horizon();
    if (now) {
      const auto tags = (*snapshot)->list_life_tags({&*now, 1});
      if (tags) position = Position{.horizon = *now, .tags = tags->front()};
    }
  }
  hub_.catch_up(position);
}

}  // namespace msg
