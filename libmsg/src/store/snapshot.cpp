// SPDX-License-Identifier: Apache-2.0
// The defaults of Snapshot: calls that are made of others, and how sync reads a store with one
// writer: versions rise over the whole store in commit order. A copy of a store with several
// writers knows, in addition, who gave the versions up to its origin; all above are its own, of the
// first place in a Horizon.
#include <algorithm>
#include <utility>

#include "store/store.h"

namespace msg {
namespace {

Version newest(const Horizon& horizon) {
  return *std::ranges::max_element(horizon.up_to);
}

/// Whether something of the conversation has a version of this store's own that is not above
/// `up_to`.
Result<bool> has_own_changes(Snapshot& snapshot, ConversationId conversation, Version origin,
                             Version up_to) {
  MSG_TRY(const auto members, snapshot.list_members_changed(conversation, origin, 1));
  if (!members.empty() && members.front().version <= up_to) return true;
  MSG_TRY(const auto changes, snapshot.list_message_changes(conversation, origin, 1));
  if (!changes.empty() && changes.front().version <= up_to) return true;
  MSG_TRY(const auto seq, snapshot.find_seq_after(conversation, origin));
  if (!seq) return false;
  MSG_TRY(const auto message, snapshot.find_message({conversation, *seq}));
  return message && message->version <= up_to;
}

/// The same of what was copied. In a conversation versions rise over all writers and become
/// visible in that order, so what is seen of it ends within some run.
Result<Version> seen_of_origin(Snapshot& snapshot, ConversationId conversation,
                               const Horizon& seen) {
  constexpr int kPage = 64;
  Version last = newest(*snapshot.origin());
  while (true) {
    MSG_TRY(const auto runs, snapshot.list_writer_runs(conversation, last, kPage));
    for (const WriterRun& run : runs) {
      const Version seen_of_writer = seen.up_to.at(run.writer);
      if (seen_of_writer >= run.from) return std::min(seen_of_writer, last);
      last = Version{to_int(run.from) - 1};
    }
    if (runs.size() < kPage) return Version{};
  }
}

Result<void> add_writer(Snapshot& snapshot, Record& record) {
  const ConversationId first{record.key.ids[0]};
  if (auto* conversation = std::get_if<Stamped<ConversationRow>>(&record.row)) {
    MSG_TRY(conversation->writer, writer_of(snapshot, first, conversation->row.version));
  } else if (auto* member = std::get_if<Stamped<MemberRow>>(&record.row)) {
    MSG_TRY(member->writer, writer_of(snapshot, first, member->row.version));
  } else if (auto* message = std::get_if<Stamped<Message>>(&record.row)) {
    MSG_TRY(message->writer, writer_of(snapshot, first, message->row.version));
  } else if (auto* mark = std::get_if<TimeMark>(&record.row)) {
    MSG_TRY(mark->writer, writer_of(snapshot, first, Version{record.key.ids[1]}));
  } else if (auto* change = std::get_if<ChangedMessage>(&record.row)) {
    MSG_TRY(change->writer, writer_of(snapshot, first, Version{record.key.ids[1]}));
  } else if (auto* membership = std::get_if<Stamped<MembershipRow>>(&record.row)) {
    const MembershipRow& row = membership->row;
    MSG_TRY(membership->writer, writer_of(snapshot, row.conversation, row.version));
  }
  return {};
}

}  // namespace

Result<std::optional<Participation>> Snapshot::find_participation(ConversationId conversation,
                                                                  UserId user) {
  MSG_TRY(auto row, find_conversation(conversation));
  if (!row) return std::nullopt;
  MSG_TRY(auto member, find_member(conversation, user));
  if (!member) return std::nullopt;
  return Participation{.conversation = *std::move(row), .member = *std::move(member)};
}

Result<std::vector<std::optional<Participation>>> Snapshot::find_participations(
    std::span<const ConversationId> ids, UserId user) {
  std::vector<std::optional<Participation>> found;
  found.reserve(ids.size());
  for (const ConversationId id : ids) {
    MSG_TRY(auto participation, find_participation(id, user));
    found.push_back(std::move(participation));
  }
  return found;
}

Result<std::vector<std::optional<Message>>> Snapshot::find_messages(
    std::span<const MessageId> ids) {
  std::vector<std::optional<Message>> messages;
  messages.reserve(ids.size());
  for (const MessageId& id : ids) {
    MSG_TRY(auto message, find_message(id));
    messages.push_back(std::move(message));
  }
  return messages;
}

Result<std::vector<LifeTags>> Snapshot::list_life_tags(std::span<const Horizon> horizons) {
  std::vector<LifeTags> tags(horizons.size());
  for (std::size_t i = 0; i < horizons.size(); ++i) {
    for (std::size_t writer = 0; writer < kWritersMax; ++writer) {
      const Version version = horizons[i].up_to.at(writer);
      if (version == Version{}) continue;
      MSG_TRY(const auto life, find_life(writer, version));
      if (life) tags[i].at(writer) = life->tag;
    }
  }
  return tags;
}

Result<Horizon> Snapshot::horizon() {
  MSG_TRY(const Version last, last_version());
  Horizon horizon;
  if (origin() != nullptr) {
    horizon = *origin();
    if (last <= newest(horizon)) return horizon;
  }
  horizon.up_to.front() = last;
  return horizon;
}

Result<std::vector<ListPlace>> Snapshot::list_places(UserId user, ConversationId after, int limit) {
  std::vector<ListPlace> places;
  while (true) {
    const int more = limit - static_cast<int>(places.size());
    MSG_TRY(const auto memberships, list_memberships(user, after, more));
    for (const auto& membership : memberships) {
      if (!membership.active) continue;
      MSG_TRY(const auto conversation, find_conversation(membership.conversation));
      if (!conversation) return fail(Code::corrupt, "a membership names no conversation");
      places.push_back({conversation->activity, conversation->id});
    }
    if (std::cmp_less(memberships.size(), more) || std::cmp_equal(places.size(), limit)) {
      return places;
    }
    after = memberships.back().conversation;
  }
}

Result<std::optional<ListNews>> Snapshot::list_news(const Horizon& since) {
  ListNews news;
  MSG_TRY(news.up_to, horizon());
  news.up_to.up_to.front() = since.up_to.front();
  return news;
}

Result<std::vector<Standing>> Snapshot::list_standings(UserId user, ConversationId after,
                                                       int limit) {
  MSG_TRY(const auto memberships, list_memberships(user, after, limit));
  std::vector<Standing> standings;
  standings.reserve(memberships.size());
  for (const auto& membership : memberships) {
    MSG_TRY(auto conversation, find_conversation(membership.conversation));
    MSG_TRY(auto member, find_member(membership.conversation, user));
    if (!conversation || !member) {
      return fail(Code::corrupt, "a membership names no conversation or member");
    }
    Standing& standing = standings.emplace_back(Standing{.membership = membership,
                                                         .conversation = *std::move(conversation),
                                                         .member = *std::move(member)});
    MSG_CHECK(add_writers(*this, standing));
  }
  return standings;
}

Result<Version> Snapshot::seen_version(ConversationId conversation, const Horizon& seen) {
  const Version own = seen.up_to.front();
  if (origin() == nullptr) return own;
  const Version last = newest(*origin());
  if (origin()->within(seen)) return std::max(own, last);
  if (own > last) {
    MSG_TRY(const bool sees_own, has_own_changes(*this, conversation, last, own));
    if (sees_own) return own;
  }
  return seen_of_origin(*this, conversation, seen);
}

Result<std::vector<WriterRun>> Snapshot::list_writer_runs(ConversationId /*conversation*/,
                                                          Version /*up_to*/, int /*limit*/) {
  return std::vector<WriterRun>{};
}

bool has_other_writers(const Horizon& horizon) {
  return std::any_of(horizon.up_to.begin() + 1, horizon.up_to.end(),
                     [](Version version) { return version != Version{}; });
}

Result<std::size_t> writer_of(Snapshot& snapshot, ConversationId conversation, Version version) {
  if (snapshot.origin() == nullptr || version > newest(*snapshot.origin())) return 0;
  MSG_TRY(const auto runs, snapshot.list_writer_runs(conversation, version, 1));
  if (!runs.empty()) return runs.front().writer;
  return fail(Code::corrupt, "no writer run says who gave it its version");
}

Result<void> add_writers(Snapshot& snapshot, Standing& standing) {
  const ConversationId id = standing.conversation.id;
  MSG_TRY(standing.membership_writer, writer_of(snapshot, id, standing.membership.version));
  MSG_TRY(standing.conversation_writer, writer_of(snapshot, id, standing.conversation.version));
  return {};
}

Result<void> add_writers(Snapshot& snapshot, std::vector<Record>& records) {
  for (Record& record : records) {
    auto added = add_writer(snapshot, record);
    if (added) continue;
    if (added.error().code != Code::corrupt) return added;
    record.row = Unreadable{added.error().detail};
  }
  return {};
}

}  // namespace msg
