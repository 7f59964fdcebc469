// SPDX-License-Identifier: Apache-2.0
// What the hub has to look after where several processes write to the store.
#include <algorithm>

#include "feed/change_hub.h"

namespace msg {

/// Whether the events of the commit are to be handed out. Who cannot be told in order falls behind;
/// they may have missed a change of who is a member, too.
bool ChangeHub::follow(const HubCommit& commit) {
  List behind;
  bool is_missing = false;
  {
    const std::scoped_lock lock(mutex_);
    Version& reached = reached_.horizon.up_to.at(commit.writer);
    if (commit.last <= reached) return false;  // everybody knows
    is_missing = commit.before != reached;
    has_company_ = has_company_ || is_missing || commit.is_remote;
    behind = is_missing ? everybody() : take_heads(commit);
    if (!is_missing && commit.is_remote) add_newcomers(commit, behind);
    if (is_missing) {
      reached = commit.last;
      reached_.tags.at(commit.writer) = commit.life;
    }
  }
  Horizon missed;
  missed.up_to.at(commit.writer) = commit.last;
  for (const auto& live : behind) live->lose_track(missed);
  return !is_missing;
}

/// Those who have joined or left elsewhere: what was said there since, and came here earlier, was
/// not for them then.
void ChangeHub::add_newcomers(const HubCommit& commit, List& behind) const {
  for (const auto& event : commit.events) {
    const auto* const change = std::get_if<MemberEvent>(&event->body);
    if (change == nullptr) continue;
    const auto own = by_user_.find(change->member.user);
    if (own != by_user_.end()) behind.insert(behind.end(), own->second.begin(), own->second.end());
  }
}

/// Those to whom the commit is not the next change of their conversation. When nothing was handed
/// out there yet, nobody knows what came before, unless this process is alone.
ChangeHub::List ChangeHub::take_heads(const HubCommit& commit) {
  List behind;
  for (const HeadChange& head : commit.heads) {
    const auto found = by_conversation_.find(head.conversation);
    if (found == by_conversation_.end()) continue;
    Room& room = found->second;
    const bool is_first = room.newest == Version{} && !has_company_;
    if (!is_first && room.newest != head.before) {
      behind.insert(behind.end(), room.listeners.begin(), room.listeners.end());
    }
    room.newest = std::max(room.newest, head.after);
  }
  return behind;
}

/// Also of conversations to which somebody listens by the commit itself.
void ChangeHub::note_heads(const HubCommit& commit) {
  const std::scoped_lock lock(mutex_);
  reached_.horizon.up_to.at(commit.writer) = commit.last;
  reached_.tags.at(commit.writer) = commit.life;
  if (!is_shared_) return;
  for (const HeadChange& head : commit.heads) {
    const auto found = by_conversation_.find(head.conversation);
    if (found == by_conversation_.end()) continue;
    found->second.newest = std::max(found->second.newest, head.after);
  }
}

void ChangeHub::catch_up(const HubCommit& commit) {
  Position position;
  position.horizon.up_to.at(commit.writer) = commit.last;
  position.tags.at(commit.writer) = commit.life;
  catch_up(position);
}

void ChangeHub::catch_up(const Position& position) {
  const std::scoped_lock one_at_a_time(publishing_);
  List all;
  {
    const std::scoped_lock lock(mutex_);
    if (position.horizon.within(reached_.horizon)) return;
    has_company_ = true;
    for (std::size_t i = 0; i < kWritersMax; ++i) {
      if (position.horizon.up_to.at(i) <= reached_.horizon.up_to.at(i)) continue;
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

bool ChangeHub::is_next(const HubCommit& commit) const {
  const std::scoped_lock lock(mutex_);
  return commit.before == reached_.horizon.up_to.at(commit.writer);
}

}  // namespace msg
