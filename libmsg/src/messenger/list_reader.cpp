// SPDX-License-Identifier: Apache-2.0
#include "messenger/list_reader.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "messenger/first_places.h"

namespace msg {
namespace {

ListPlace place_of(const Access& access) {
  return {access.conversation.activity, access.conversation.id};
}

/// Calls `visit(ListPlace)` for every active conversation of the user.
template <class Visit>
Result<void> for_each_place(Snapshot& snapshot, UserId user, Visit visit) {
  constexpr int kPage = 5000;
  for (ConversationId after{};;) {
    MSG_TRY(const auto places, snapshot.list_places(user, after, kPage));
    for (const ListPlace& place : places) visit(place);
    if (places.size() < kPage) return {};
    after = places.back().conversation;
  }
}

}  // namespace

Result<ListReader::Found> ListReader::read(UserId user) {
  constexpr int kAttempts = 4;
  for (int attempt = 0; attempt < kAttempts && !cache_.is_off(); ++attempt) {
    MSG_TRY(auto found, try_cache(user));
    if (found) return *std::move(found);
  }
  return read_store(user);
}

Result<std::optional<ListReader::Found>> ListReader::try_cache(UserId user) {
  if (cache_.has_list(user)) return choose(user);
  const auto from = std::max<std::size_t>(options_.list_cache_from, 1);
  Found found;
  MSG_TRY(found.snapshot, store_.late_snapshot());
  MSG_TRY(auto standings,
          found.snapshot->list_standings(user, ConversationId{}, static_cast<int>(from)));
  if (standings.size() >= from) return read_and_keep(user);
  for (auto& standing : standings) {
    add(found, std::move(standing.conversation), std::move(standing.member));
  }
  finish(found);
  return found;
}

Result<std::optional<ListReader::Found>> ListReader::read_and_keep(UserId user) {
  {
    // What it does not know already is less while the list is read.
    MSG_TRY(const auto snapshot, store_.late_snapshot());
    MSG_TRY(const Horizon now, snapshot->horizon());
    MSG_CHECK(catch_up(*snapshot, now));
  }
  const auto load = cache_.begin_load(user);
  if (!load) return std::nullopt;
  Found found;
  MSG_TRY(found.snapshot, store_.late_snapshot());
  MSG_TRY(const Horizon now, found.snapshot->horizon());
  FirstPlaces first(behind_, count_);
  MSG_CHECK(for_each_place(*found.snapshot, user, [&](const ListPlace& place) {
    load->add(place);
    first.add(place);
  }));
  MSG_CHECK(catch_up(*found.snapshot, now));
  load->finish(now);
  MSG_CHECK(add_chosen(found, user, first.take()));
  return found;
}

Result<std::optional<ListReader::Found>> ListReader::choose(UserId user) {
  Found found;
  const Horizon known = cache_.position();
  MSG_TRY(found.snapshot, store_.late_snapshot());
  MSG_TRY(const Horizon now, found.snapshot->horizon());
  if (!known.within(now)) {
    cache_.reset(now);
    return std::nullopt;
  }
  MSG_CHECK(catch_up(*found.snapshot, now));
  const auto chosen = cache_.choose(user, now, behind_, count_);
  if (!chosen) return std::nullopt;
  MSG_CHECK(add_chosen(found, user, *chosen));
  return found;
}

Result<ListReader::Found> ListReader::read_store(UserId user) {
  Found found;
  MSG_TRY(found.snapshot, store_.late_snapshot());
  FirstPlaces first(behind_, count_);
  MSG_CHECK(
      for_each_place(*found.snapshot, user, [&](const ListPlace& place) { first.add(place); }));
  MSG_CHECK(add_chosen(found, user, first.take()));
  return found;
}

/// Until the cache knows what the snapshot sees, if it can be had. A commit that the snapshot sees
/// already is told to the cache in a moment.
Result<void> ListReader::catch_up(Snapshot& snapshot, const Horizon& now) {
  const Horizon known = cache_.position();
  if (now.within(known)) return {};
  MSG_TRY(const auto news, snapshot.list_news(known));
  cache_.learn(news, now);
  const std::size_t writer = store_.identity().writer;
  if (!now.within(cache_.position())) cache_.wait_for(now.up_to.at(writer));
  return {};
}

/// Those that are asked for are among the chosen.
Result<void> ListReader::add_chosen(Found& found, UserId user,
                                    std::span<const ConversationId> chosen) const {
  MSG_TRY(auto participations, found.snapshot->find_participations(chosen, user));
  for (auto& participation : participations) {
    if (!participation) continue;  // it was made since
    add(found, std::move(participation->conversation), std::move(participation->member));
  }
  finish(found);
  return {};
}

void ListReader::add(Found& found, ConversationRow conversation, MemberRow member) const {
  const ListPlace place{conversation.activity, conversation.id};
  if (!member.active || (behind_ && place >= *behind_)) return;
  found.accesses.push_back(make_access(std::move(conversation), std::move(member)));
}

void ListReader::finish(Found& found) const {
  std::ranges::sort(found.accesses, std::greater{}, place_of);
  if (found.accesses.size() > count_) {
    found.accesses.erase(found.accesses.begin() + static_cast<std::ptrdiff_t>(count_),
                         found.accesses.end());
  }
}

}  // namespace msg
