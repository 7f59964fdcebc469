// SPDX-License-Identifier: Apache-2.0
// What the hub does where several processes write to the store.
#include "feed/change_hub.h"

namespace msg {

/// A commit before it that did not come through here was somebody else's with our number, or one
/// of ours whose outcome we did not know.
bool ChangeHub::is_next_and_alone(const Commit& commit) const {
  const std::scoped_lock lock(mutex_);
  return !has_company_ && commit.before == reached_.horizon.up_to.at(writer_);
}

void ChangeHub::follow(const CommitHint& hint) {
  const std::scoped_lock one_at_a_time(publishing_);
  fall_behind(hint, true);
}

/// Those whom it concerns; and everybody, when there is one before it that nobody told of. Who has
/// joined or left has to ask for their conversations anew.
void ChangeHub::fall_behind(const CommitHint& hint, bool is_of_another) {
  Horizon up_to;
  up_to.up_to.at(hint.writer) = hint.last;
  List lost;
  List behind;
  {
    const std::scoped_lock lock(mutex_);
    Version& reached = reached_.horizon.up_to.at(hint.writer);
    if (hint.last <= reached) return;  // they know
    const bool is_missing = hint.before != reached;
    has_company_ = has_company_ || is_of_another;
    reached = hint.last;
    reached_.tags.at(hint.writer) = hint.life;
    if (is_missing) lost = everybody();
    for (const auto& [live, said] : loading_) live->note(up_to);
    const auto add = [](const auto& map, const auto& key, List& list) {
      const auto found = map.find(key);
      if (found != map.end()) list.insert(list.end(), found->second.begin(), found->second.end());
    };
    for (const Concern& concern : hint.concerns) {
      if (concern.member != UserId{}) add(by_user_, concern.member, lost);
      if (concern.only_for != UserId{}) {
        add(by_user_, concern.only_for, behind);
      } else {
        add(by_conversation_, concern.conversation, behind);
      }
    }
  }
  for (const auto& live : lost) live->lose_track(up_to);
  for (const auto& live : behind) live->fall_behind(up_to);
}

void ChangeHub::catch_up(const Position& position) {
  const std::scoped_lock one_at_a_time(publishing_);
  List all;
  {
    const std::scoped_lock lock(mutex_);
    if (position.horizon.within(reached_.horizon)) return;
    for (std::size_t i = 0; i < kWritersMax; ++i) {
      if (position.horizon.up_to.at(i) <= reached_.horizon.up_to.at(i)) continue;
      has_company_ = has_company_ || i != writer_;
      reached_.horizon.up_to.at(i) = position.horizon.up_to.at(i);
      reached_.tags.at(i) = position.tags.at(i);
    }
    all = everybody();
  }
  for (const auto& live : all) live->lose_track(position.horizon);
}

ChangeHub::List ChangeHub::everybody() const {
  List all;
  for (const auto& [user, own] : by_user_) all.insert(all.end(), own.begin(), own.end());
  return all;
}

Horizon ChangeHub::reached() const {
  const std::scoped_lock lock(mutex_);
  return reached_.horizon;
}

}  // namespace msg
