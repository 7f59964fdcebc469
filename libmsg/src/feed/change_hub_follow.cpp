// SPDX-License-Identifier: Apache-2.0
// What the hub does where several processes write to the store.
#include <utility>

#include "feed/change_hub.h"

namespace msg {
namespace {

/// Of CausalQueue::size(): what is more is not handed out, but synced.
constexpr std::size_t kWaitingMax = 64 * 1024;

}  // namespace

void ChangeHub::follow(News news) {
  const std::scoped_lock one_at_a_time(publishing_);
  {
    const std::scoped_lock lock(mutex_);
    queue_.add(std::move(news));
  }
  tell_all();
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() <= kWaitingMax) return;
    mode_ = Mode::out_of_order;
  }
  tell_all();
}

void ChangeHub::tell_all() {
  while (const auto news = next()) {
    if (is_in_order()) {
      tell(*news);
    } else {
      tell_out_of_order(*news);
    }
  }
}

std::optional<News> ChangeHub::next() {
  const std::scoped_lock lock(mutex_);
  switch (mode_) {
    case Mode::in_order:
      return queue_.take();
    case Mode::out_of_order:
      return queue_.take_out_of_order();
    case Mode::catching_up:
      return std::nullopt;
  }
  std::unreachable();
}

/// A commit before it that nobody told of concerns everybody, and so does one that was told of and
/// is not before it: the store has lost that.
void ChangeHub::tell_out_of_order(const News& news) {
  Horizon up_to;
  up_to.up_to.at(news.writer) = news.last;
  List lost;
  {
    const std::scoped_lock lock(mutex_);
    if (news.before != queue_.reached().horizon.up_to.at(news.writer)) lost = everybody();
    queue_.told(news);
  }
  for (const auto& live : lost) live->lose_track(up_to);
  for (const NewsItem& item : news.items) fall_behind(news, item);
}

/// Out of order a switch could come before an earlier one: who made it asks for it anew, as who
/// joined.
void ChangeHub::fall_behind(const News& news, const NewsItem& item) {
  if (const auto* const event = std::get_if<std::shared_ptr<Event>>(&item)) {
    fall_behind(news, concern_of(**event));
  } else if (const auto* const concern = std::get_if<Concern>(&item)) {
    fall_behind(news, *concern);
  } else if (const auto* const made = std::get_if<ReadsSwitch>(&item)) {
    fall_behind(news, Concern{.member = made->user});
  } else {
    lose_track(news);
  }
}

/// Who has joined or left has to ask for their conversations anew.
void ChangeHub::fall_behind(const News& news, const Concern& concern) {
  Horizon up_to;
  up_to.up_to.at(news.writer) = news.last;
  const auto find = [](const auto& map, const auto& key) {
    const auto found = map.find(key);
    return found == map.end() ? List{} : found->second;
  };
  List lost;
  List behind;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [live, said] : loading_) live->note(up_to);
    if (concern.member != UserId{}) lost = find(by_user_, concern.member);
    behind = concern.only_for != UserId{} ? find(by_user_, concern.only_for)
                                          : find(by_conversation_, concern.conversation);
  }
  for (const auto& live : lost) live->lose_track(up_to);
  for (const auto& live : behind) {
    if (live->user() != concern.not_for) live->fall_behind(up_to);
  }
}

void ChangeHub::lose_track(const News& news) {
  Horizon up_to;
  up_to.up_to.at(news.writer) = news.last;
  List lost;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [live, said] : loading_) live->note(up_to);
    lost = everybody();
  }
  for (const auto& live : lost) live->lose_track(up_to);
}

std::optional<std::chrono::steady_clock::time_point> ChangeHub::waits_since() const {
  const std::scoped_lock lock(mutex_);
  return mode_ == Mode::in_order ? queue_.waits_since() : std::nullopt;
}

void ChangeHub::stop_waiting(std::chrono::steady_clock::time_point since) {
  const std::scoped_lock one_at_a_time(publishing_);
  {
    const std::scoped_lock lock(mutex_);
    const auto waits_since = queue_.waits_since();
    if (mode_ != Mode::in_order || !waits_since || *waits_since > since) return;
    mode_ = Mode::out_of_order;
  }
  tell_all();
}

bool ChangeHub::is_in_order() const {
  const std::scoped_lock lock(mutex_);
  return mode_ == Mode::in_order;
}

void ChangeHub::begin_catch_up() {
  const std::scoped_lock one_at_a_time(publishing_);
  const std::scoped_lock lock(mutex_);
  mode_ = Mode::catching_up;
}

/// What was told before it began was committed before `now` was read: that is all of it, and as it
/// is a snapshot, whole.
void ChangeHub::catch_up(const std::optional<Position>& now) {
  const std::scoped_lock one_at_a_time(publishing_);
  List behind;
  {
    const std::scoped_lock lock(mutex_);
    const bool is_known = now && now->horizon == queue_.reached().horizon;
    if (mode_ != Mode::catching_up) return;  // too much came meanwhile
    mode_ = now ? Mode::in_order : Mode::out_of_order;
    if (now && !is_known) behind = everybody();
    if (now) queue_.jump(*now);
  }
  for (const auto& live : behind) live->lose_track(now->horizon);
  tell_all();
}

ChangeHub::List ChangeHub::everybody() const {
  List all;
  for (const auto& [user, own] : by_user_) all.insert(all.end(), own.begin(), own.end());
  return all;
}

Horizon ChangeHub::reached() const {
  const std::scoped_lock lock(mutex_);
  return queue_.reached().horizon;
}

}  // namespace msg
