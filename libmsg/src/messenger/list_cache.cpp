// SPDX-License-Identifier: Apache-2.0
#include "messenger/list_cache.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "messenger/first_places.h"

namespace msg {
namespace {

/// More news while a list is being read, and it is not kept this time.
constexpr std::size_t kNewsMax = 100'000;
/// More conversations that changed since a snapshot, and a later snapshot is the shorter way.
constexpr std::size_t kUnseenMax = 256;
constexpr std::chrono::seconds kCommitWait{1};
constexpr std::chrono::seconds kLoadWait{10};

}  // namespace

ListCache::ListCache(const Options& options, std::size_t writer, const Horizon& now)
    : max_(options.list_cache_max),
      writer_(writer),
      position_(now),
      commits_from_(now.up_to.at(writer)),
      commits_to_(commits_from_) {}

void ListCache::committed(const Commit& commit) {
  if (is_off() || commit.last == Version{}) return;
  {
    const std::scoped_lock lock(mutex_);
    if (commit.before < commits_to_) {  // the store has lost what was committed
      forget_all();
      position_ = {};
    }
    if (commit.before != commits_to_) commits_from_ = commit.before;
    commits_to_ = commit.last;
    if (!lists_.empty() || !loads_.empty()) {
      for (const auto& [activity, conversation] : commit.lists.places) {
        note({.conversation = conversation, .activity = activity, .committed_at = commit.last});
      }
      for (const MembershipRow& row : commit.lists.memberships) {
        if (!lists_.contains(row.user) && !loads_.contains(row.user)) continue;
        const auto head =
            std::ranges::find(commit.lists.places, row.conversation, &ListPlace::conversation);
        const bool is_known = head != commit.lists.places.end();
        note({.conversation = row.conversation,
              .user = row.user,
              .is_active = row.active,
              .activity = is_known ? head->activity : Version{},
              .committed_at = commit.last});
      }
    }
    follow_commits();
  }
  moved_.notify_all();
}

Horizon ListCache::position() {
  const std::scoped_lock lock(mutex_);
  return position_;
}

void ListCache::learn(const std::optional<ListNews>& news, const Horizon& now) {
  const std::scoped_lock lock(mutex_);
  if (!news) {
    forget_all();
    raise_position(now);
    return;
  }
  for (const auto& [activity, conversation] : news->places) {
    note({.conversation = conversation, .activity = activity});
  }
  for (const UserId user : news->users) {
    forget(user);
    if (const auto load = loads_.find(user); load != loads_.end()) load->second->is_spoilt_ = true;
  }
  raise_position(news->up_to);
}

void ListCache::wait_for(Version own) {
  std::unique_lock lock(mutex_);
  moved_.wait_for(lock, kCommitWait, [&] { return position_.up_to.at(writer_) >= own; });
}

void ListCache::reset(const Horizon& now) {
  const std::scoped_lock lock(mutex_);
  forget_all();
  position_ = now;
  follow_commits();
}

bool ListCache::has_list(UserId user) {
  const std::scoped_lock lock(mutex_);
  return lists_.contains(user);
}

std::optional<std::vector<ConversationId>> ListCache::choose(UserId user, const Horizon& now,
                                                             const std::optional<ListPlace>& behind,
                                                             std::size_t count) {
  const std::scoped_lock lock(mutex_);
  const auto found = lists_.find(user);
  if (found == lists_.end()) return std::nullopt;
  List& list = found->second;
  const Version own = now.up_to.at(writer_);
  Horizon others = position_;
  others.up_to.at(writer_) = own;
  if (others != now || position_.up_to.at(writer_) < own || list.changed_at > own) {
    return std::nullopt;
  }
  list.used = ++uses_;
  FirstPlaces first(behind, count);
  std::vector<ConversationId> unseen;
  for (const auto* const head : list.heads) {
    const auto& [conversation, state] = *head;
    if (state.committed_at > own) {
      unseen.push_back(conversation);
    } else {
      first.add({state.activity, conversation});
    }
  }
  if (unseen.size() > kUnseenMax) return std::nullopt;
  auto chosen = first.take();
  chosen.insert(chosen.end(), unseen.begin(), unseen.end());
  return chosen;
}

std::unique_ptr<ListCache::Load> ListCache::begin_load(UserId user) {
  std::unique_lock lock(mutex_);
  const auto is_free = [&] { return !loads_.contains(user); };
  if (!is_free()) {
    moved_.wait_for(lock, kLoadWait, is_free);
    return nullptr;
  }
  auto load = std::make_unique<Load>(*this, user);
  load->begin_ = news_.size();
  loads_[user] = load.get();
  return load;
}

ListCache::Load::~Load() {
  {
    const std::scoped_lock lock(cache_.mutex_);
    cache_.loads_.erase(user_);
    if (cache_.loads_.empty()) cache_.news_ = {};
  }
  cache_.moved_.notify_all();
}

void ListCache::Load::finish(const Horizon& now) {
  const Version own = now.up_to.at(cache_.writer_);
  const std::scoped_lock lock(cache_.mutex_);
  if (is_spoilt_ || places_.size() > cache_.max_) return;
  cache_.forget(user_);
  List& list = cache_.lists_[user_];
  list.used = ++cache_.uses_;
  list.changed_at = own;
  list.heads.reserve(places_.size());
  for (const ListPlace& place : places_) cache_.add_to(list, place, own);
  for (std::size_t i = begin_; i < cache_.news_.size(); ++i) {
    const News& news = cache_.news_[i];
    if (news.user == user_) {
      cache_.apply_to(list, news);
    } else if (news.user == UserId{}) {
      cache_.apply(news);
    }
  }
  cache_.make_room();
}

void ListCache::Head::raise(Version to, Version by) {
  if (to <= activity) return;
  activity = to;
  committed_at = std::max(committed_at, by);
}

void ListCache::note(const News& news) {
  apply(news);
  if (loads_.empty()) return;
  if (news_.size() < kNewsMax) {
    news_.push_back(news);
  } else {
    for (const auto& [user, load] : loads_) load->is_spoilt_ = true;
  }
}

void ListCache::apply(const News& news) {
  if (news.user != UserId{}) {
    if (const auto list = lists_.find(news.user); list != lists_.end()) {
      apply_to(list->second, news);
      make_room();
    }
    return;
  }
  const auto found = heads_.find(news.conversation);
  if (found != heads_.end()) found->second.raise(news.activity, news.committed_at);
}

void ListCache::apply_to(List& list, const News& news) {
  list.changed_at = std::max(list.changed_at, news.committed_at);
  take_from(list, news.conversation);
  if (news.is_active) add_to(list, {news.activity, news.conversation}, news.committed_at);
}

/// What is known of its activity already is of the same snapshot or newer.
void ListCache::add_to(List& list, const ListPlace& place, Version committed_at) {
  auto& head = *heads_.try_emplace(place.conversation).first;
  head.second.raise(place.activity, committed_at);
  ++head.second.lists;
  list.heads.push_back(&head);
  ++size_;
}

void ListCache::take_from(List& list, ConversationId conversation) {
  const auto found = std::ranges::find(list.heads, conversation,
                                       [](const auto* const head) { return head->first; });
  if (found == list.heads.end()) return;
  release(**found);
  *found = list.heads.back();
  list.heads.pop_back();
}

void ListCache::release(Heads::value_type& head) {
  --size_;
  if (--head.second.lists == 0) heads_.erase(head.first);
}

void ListCache::forget(UserId user) {
  const auto list = lists_.find(user);
  if (list == lists_.end()) return;
  for (auto* const head : list->second.heads) release(*head);
  lists_.erase(list);
}

void ListCache::forget_all() {
  lists_.clear();
  heads_.clear();
  size_ = 0;
  for (const auto& [user, load] : loads_) load->is_spoilt_ = true;
}

void ListCache::make_room() {
  while (size_ > max_) {
    forget(std::ranges::min_element(lists_, {}, [](const auto& list) {
             return list.second.used;
           })->first);
  }
}

void ListCache::raise_position(const Horizon& to) {
  std::ranges::transform(position_.up_to, to.up_to, position_.up_to.begin(),
                         [](Version x, Version y) { return std::max(x, y); });
  follow_commits();
}

void ListCache::follow_commits() {
  Version& own = position_.up_to.at(writer_);
  if (own >= commits_from_) own = std::max(own, commits_to_);
}

}  // namespace msg
