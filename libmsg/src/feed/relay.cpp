// SPDX-License-Identifier: Apache-2.0
#include "feed/relay.h"

#include <algorithm>
#include <utility>

#include "feed/remote_events.h"

namespace msg {
namespace {

constexpr std::string_view kCommits = "commits";
constexpr std::string_view kTyping = "typing";
constexpr std::size_t kHintsMax = 4096;

}  // namespace

Relay::Relay(Store& store, ChangeHub& hub, const Options& options)
    : store_(store),
      hub_(hub),
      codec_(store.identity()),
      writer_(store.identity().writer),
      bus_(store.is_shared() ? options.bus : nullptr),
      interval_(options.follow_interval) {
  if (!store.is_shared()) return;
  thread_ = std::thread([this] { loop(); });
  if (!bus_) return;
  bus_->listen(kCommits, [this](std::string_view bytes) { receive(bytes); });
  bus_->listen(kTyping, [this](std::string_view bytes) {
    if (auto event = codec_.decode_typing(bytes)) {
      const UserId user = std::get<TypingEvent>(event->body).user;
      hub_.publish_passing(std::make_shared<const Event>(*std::move(event)), user);
    }
  });
}

Relay::~Relay() {
  if (!thread_.joinable()) return;
  if (bus_) {
    bus_->stop_listening(kCommits);
    bus_->stop_listening(kTyping);
  }
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Relay::committed(const Commit& commit) {
  if (!bus_ || commit.last == Version{}) return;
  std::string bytes = codec_.encode(make_hint(commit, writer_));
  // Too long to be told of in detail: it is enough to know that something was there.
  if (bytes.size() > kBusPayloadMax) {
    bytes = codec_.encode(CommitHint{.writer = writer_,
                                     .life = commit.life,
                                     .before = commit.last,
                                     .last = commit.last,
                                     .heads = {},
                                     .notes = {}});
  }
  bus_->publish(kCommits, std::move(bytes));
}

void Relay::typing(ConversationId conversation, const TypingEvent& event) {
  if (bus_) bus_->publish(kTyping, codec_.encode(conversation, event));
}

void Relay::receive(std::string_view bytes) {
  {
    const std::scoped_lock lock(mutex_);
    if (hints_.size() >= kHintsMax) return;
    hints_.emplace_back(bytes);
  }
  wake_.notify_one();
}

void Relay::loop() {
  using Clock = std::chrono::steady_clock;
  auto next_look = Clock::now() + interval_;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_until(lock, next_look, [this] { return stopping_ || !hints_.empty(); });
    auto hints = std::exchange(hints_, {});
    lock.unlock();
    for (const auto& bytes : hints) {
      if (const auto hint = codec_.decode_commit(bytes)) take(*hint);
    }
    if (Clock::now() >= next_look) {
      look();
      next_look = Clock::now() + interval_;
    }
    lock.lock();
  }
}

/// What nobody here listens to is not read. Where the store does not answer, those concerned learn
/// of it by syncing, once it does.
void Relay::take(const CommitHint& hint) {
  std::vector<EventNote> wanted;
  std::ranges::copy_if(hint.notes, std::back_inserter(wanted), [this](const EventNote& note) {
    return hub_.concerns_somebody(note.conversation, note.user);
  });
  HubCommit commit{.events = {},
                   .heads = hint.heads,
                   .writer = hint.writer,
                   .life = hint.life,
                   .before = hint.before,
                   .last = hint.last,
                   .is_remote = true};
  if (!wanted.empty() && hub_.is_next(commit)) {
    const auto snapshot = store_.late_snapshot();
    auto events =
        snapshot ? load_events(**snapshot, wanted)
                 : Result<std::vector<std::shared_ptr<Event>>>(std::unexpected(snapshot.error()));
    if (!events) return hub_.catch_up(commit);
    commit.events = *std::move(events);
  }
  hub_.publish(commit);
}

/// What was there at the last look, and was not heard of since, will not be heard of. Without a bus
/// nothing ever is.
void Relay::look() {
  if (!hub_.has_listeners()) return;
  const auto snapshot = store_.snapshot();
  if (!snapshot) return;
  const auto now = (*snapshot)->horizon();
  if (!now) return;
  const Horizon known = hub_.reached();
  const Horizon expected = bus_ ? std::exchange(seen_, *now) : *now;
  const bool is_missing = !meet(expected, *now).within(known);
  if (!is_missing) return;
  const auto tags = (*snapshot)->list_life_tags({&*now, 1});
  if (tags) hub_.catch_up({.horizon = *now, .tags = tags->front()});
}

}  // namespace msg
