// SPDX-License-Identifier: Apache-2.0
#include "feed/relay.h"

#include <utility>

namespace msg {
namespace {

constexpr std::string_view kCommits = "commits";
constexpr std::string_view kTyping = "typing";

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
  bus_->listen(kCommits, [this](std::string_view bytes) {
    if (const auto hint = codec_.decode_commit(bytes)) hub_.follow(*hint);
  });
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
                                     .concerns = {}});
  }
  bus_->publish(kCommits, std::move(bytes));
}

void Relay::typing(ConversationId conversation, const TypingEvent& event) {
  if (bus_) bus_->publish(kTyping, codec_.encode(conversation, event));
}

void Relay::loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

/// What was there at the last look, and was not heard of since, will not be heard of. Without a bus
/// nothing of another writer ever is; a commit of our own may be on its way to the hub.
void Relay::look() {
  if (!hub_.has_listeners()) return;
  const auto snapshot = store_.snapshot();
  if (!snapshot) return;
  const auto now = (*snapshot)->horizon();
  if (!now) return;
  const Horizon known = hub_.reached();
  Horizon expected = std::exchange(seen_, *now);
  if (!bus_) {
    const Version own = expected.up_to.at(writer_);
    expected = *now;
    expected.up_to.at(writer_) = own;
  }
  const bool is_missing = !meet(expected, *now).within(known);
  if (!is_missing) return;
  const auto tags = (*snapshot)->list_life_tags({&*now, 1});
  if (tags) hub_.catch_up({.horizon = *now, .tags = tags->front()});
}

}  // namespace msg
