// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>
#include <utility>

#include "core/limits.h"
#include "messenger/impl.h"
#include "messenger/memberships.h"
#include "messenger/personal.h"
#include "messenger/view_reader.h"

namespace msg {
namespace {

/// A conversation with news.
struct Candidate {
  Access access;
  Stamp membership;  ///< Of joining or leaving.
  SyncPlace place;
  bool is_late{false};  ///< It changed after the round began.
};

/// Sync compares the heads of the user's conversations with the cursor and offers those that are
/// ahead of it, in rounds: the first page notes what it sees (`round`) and goes through the
/// conversations by version, up to `progress`. One that changes between two pages is no longer
/// what `round` saw, so it is offered whole since `since`, behind those that are; when they have
/// all had their turn, the round is `done` and another begins among the late ones, in which they in
/// turn stand still. A complete page ends with `since` at what its snapshot sees. So nothing slips
/// through, in whatever order the commits of several writers become visible, nobody waits for ever,
/// and the server remembers nothing.
class SyncBuilder {
 public:
  SyncBuilder(Snapshot& snapshot, UserId actor, const Limits& limits, SyncCursor cursor)
      : snapshot_(snapshot), actor_(actor), limits_(limits), cursor_(cursor) {}

  Result<SyncPage> build(const CursorCodec& codec, std::size_t limit, bool is_beginning) {
    MSG_TRY(const Horizon now, snapshot_.horizon());
    MSG_TRY(const LifeTags tags, check_lives(now));
    if (!cursor_.paging()) {
      cursor_.done = cursor_.since;
      cursor_.round = now;
    }
    MSG_TRY(const auto candidates, find_candidates());
    ViewReader views(snapshot_, limits_);
    for (const auto& candidate : candidates | std::views::take(limit)) views.add(candidate.access);
    SyncPage page;
    page.resumed = is_beginning ? Resumed::beginning : Resumed::complete;
    if (!candidates.empty()) {
      MSG_TRY(reader_, load_reader(snapshot_, actor_));
    }
    for (const auto& candidate : candidates) {
      page.has_more = page.conversations.size() == limit;
      if (page.has_more) break;
      MSG_TRY(auto delta, make_delta(candidate, views));
      page.has_more = !page.conversations.empty() && bytes_ > limits_.page_bytes_max;
      if (page.has_more) break;  // the next page makes it again
      page.conversations.push_back(std::move(delta));
      pass(candidate, now);
    }
    cursor_.is_paging = page.has_more;
    cursor_.user = actor_;
    if (!page.has_more) cursor_.since = now;
    if (cursor_.claim() == now) cursor_.tags = tags;
    page.cursor = encode_sync_cursor(codec, cursor_);
    return page;
  }

 private:
  /// A store restored from a backup lacks what cursors given since then claim, although it may have
  /// given their versions again. Returns the tags of what is seen now.
  Result<LifeTags> check_lives(const Horizon& now) {
    const std::array asked{cursor_.claim(), now};
    MSG_TRY(const auto tags, snapshot_.list_life_tags(asked));
    if (!cursor_.claim().within(now) || tags[0] != cursor_.tags) return bad_cursor();
    return tags[1];
  }

  void pass(const Candidate& candidate, const Horizon& now) {
    if (candidate.is_late && !in_late_round_) {
      in_late_round_ = true;
      cursor_.done = cursor_.round;
      cursor_.round = now;
    }
    cursor_.progress = candidate.place;
  }

  /// What this cursor has still to be offered, in order.
  Result<std::vector<Candidate>> find_candidates() {
    std::vector<Candidate> candidates;
    MSG_CHECK(for_each_standing(snapshot_, actor_, [&](Standing standing) -> Result<void> {
      const Stamp membership{standing.membership.version, standing.membership_writer};
      // For a former member the conversation stands still since the leaving.
      const Stamp head = standing.member.active
                             ? Stamp{standing.conversation.version, standing.conversation_writer}
                             : membership;
      const MemberOwn& private_part = standing.member.own;
      const bool is_active = standing.member.active;
      const Stamp own = is_active ? Stamp{private_part.version, private_part.writer} : Stamp{};
      const SyncPlace place{std::max(head.version, own.version), standing.membership.conversation};
      const auto sees = [&](const Horizon& horizon) {
        return horizon.sees(head) && horizon.sees(own);
      };
      const bool is_late = !sees(cursor_.round);
      const bool had_its_turn = cursor_.paging() && !is_late && place <= cursor_.progress;
      if (sees(cursor_.done) || had_its_turn) return {};
      candidates.push_back(
          {make_access(std::move(standing.conversation), std::move(standing.member)), membership,
           place, is_late});
      return {};
    }));
    std::ranges::sort(candidates, {}, [](const Candidate& candidate) {
      return std::pair(candidate.is_late, candidate.place);
    });
    return candidates;
  }

  Result<ConversationDelta> make_delta(const Candidate& candidate, ViewReader& views) {
    const Access& access = candidate.access;
    ConversationDelta delta;
    MSG_TRY(delta.view, views.next());
    if (delta.view.last_message) bytes_ += delta.view.last_message->content.size();
    // To who joins, first or again, everything there is new.
    const bool has_joined = access.self.active && !cursor_.since.sees(candidate.membership);
    Version since{};
    if (!has_joined) {
      MSG_TRY(since, snapshot_.seen_version(access.conversation.id, cursor_.since));
    }
    MSG_CHECK(add_messages(delta, access, since));
    MSG_CHECK(add_members(delta, access, since));
    return delta;
  }

  Result<void> add_messages(ConversationDelta& delta, const Access& access, Version since) {
    const auto last = to_int(access.last_seq());
    auto first = last + 1;  // of the new ones
    if (access.conversation.activity > since) {
      MSG_TRY(const auto found, snapshot_.find_seq_after(access.conversation.id, since));
      if (found) first = std::min(first, to_int(*found));
    }
    const Seq first_new{std::max(first, to_int(access.first_seq()))};
    MSG_CHECK(add_new_messages(delta, access, first_new));
    if (since == Version{}) return {};
    const bool has_hidden =
        !access.self.hidden.empty() && access.self.hidden.back().version > since;
    if (access.conversation.changes <= since && !has_hidden) return {};
    return add_changed_messages(delta, access, since, first_new);
  }

  Result<void> add_new_messages(ConversationDelta& delta, const Access& access, Seq first_new) {
    const auto first = to_int(first_new);
    const auto last = to_int(access.last_seq());
    if (first > last) return {};
    const auto first_sent = std::max(first, last - limits_.sync_messages_max + 1);
    if (first_sent > first) delta.missing = SeqRange{Seq{first}, Seq{first_sent - 1}};
    MSG_TRY(delta.messages,
            snapshot_.list_messages(access.conversation.id, Seq{first_sent}, Seq{last},
                                    limits_.sync_messages_max, Order::oldest_first));
    return show(access, delta.messages);
  }

  /// Of the messages before the new ones: the latest that find room beside those, and where the
  /// others lie.
  Result<void> add_changed_messages(ConversationDelta& delta, const Access& access, Version since,
                                    Seq first_new) {
    constexpr int kChangesMax = 1000;
    MSG_TRY(auto changes,
            snapshot_.list_message_changes(access.conversation.id, since, kChangesMax));
    const bool are_all = changes.size() < kChangesMax && access.self.hidden_dropped_up_to <= since;
    // What the reader deleted for themselves is another message now, for them.
    for (const auto& [seq, version] : access.self.hidden) {
      const bool is_there = std::ranges::find(changes, seq, &MessageChange::seq) != changes.end();
      if (version > since && !is_there) changes.push_back({.version = version, .seq = seq});
    }
    std::erase_if(changes, [&](const MessageChange& change) {
      return change.seq < access.first_seq() || change.seq >= first_new;
    });
    std::ranges::sort(changes, {}, &MessageChange::seq);
    const auto room = static_cast<std::size_t>(limits_.sync_messages_max) - delta.messages.size();
    const auto kept = changes.size() - std::min(changes.size(), room);
    if (!are_all && access.first_seq() < first_new) {
      delta.stale = SeqRange{access.first_seq(), Seq{to_int(first_new) - 1}};
    } else if (kept > 0) {
      delta.stale = SeqRange{changes.front().seq, changes[kept - 1].seq};
    }
    std::vector<MessageId> ids;
    for (const auto& change : changes | std::views::drop(kept)) {
      ids.push_back({access.conversation.id, change.seq});
    }
    if (ids.empty()) return {};
    MSG_TRY(auto found, snapshot_.find_messages(ids));
    std::vector<Message> changed;
    for (auto& message : found) {
      if (!message) return fail(Code::corrupt, "a changed message is not stored");
      changed.push_back(*std::move(message));
    }
    MSG_CHECK(show(access, changed));
    delta.messages.insert(delta.messages.begin(), std::move_iterator(changed.begin()),
                          std::move_iterator(changed.end()));
    return {};
  }

  Result<void> show(const Access& access, std::vector<Message>& messages) {
    for (auto& message : messages) {
      hide_from(message, actor_);
      MSG_CHECK(rewind(snapshot_, access, message));
      bytes_ += message.content.size();
    }
    return add_personal(snapshot_, access, messages);
  }

  /// A former member hears of its own leaving only. Of more than a page the device reads the list
  /// itself, so a part of it would be bytes for nothing: a first sync of large groups would be made
  /// of them.
  Result<void> add_members(ConversationDelta& delta, const Access& access, Version since) {
    if (!access.self.active) {
      delta.members.push_back(to_member(access.self));
      return {};
    }
    const std::int64_t page = limits_.page_size_max;
    delta.more_members = since == Version{} && access.conversation.member_count > page;
    std::vector<MemberRow> rows;
    if (!delta.more_members) {
      MSG_TRY(rows, snapshot_.list_members_changed(access.conversation.id, since,
                                                   limits_.page_size_max + 1));
      delta.more_members = std::ssize(rows) > page;
    }
    if (delta.more_members) {
      rows.clear();
      if (access.self.version > since) rows.push_back(access.self);
    }
    for (const auto& row : rows) delta.members.push_back(to_member(row, reader_));
    return {};
  }

  Snapshot& snapshot_;
  UserId actor_;
  const Limits& limits_;
  SyncCursor cursor_;
  Reader reader_{};
  bool in_late_round_{false};
  std::size_t bytes_{0};
};

}  // namespace

Result<SyncPage> Messenger::sync(UserId actor, const SyncRequest& request) {
  const Limits& limits = impl_->options.limits;
  MSG_TRY(const int limit, page_size(request.limit, limits));
  SyncCursor cursor;
  if (!request.cursor.empty()) {
    MSG_TRY(cursor, decode_sync_cursor(impl_->codec, request.cursor));
    if (cursor.paging() && cursor.user != actor) return bad_cursor();
  }
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  return SyncBuilder(*snapshot, actor, limits, cursor)
      .build(impl_->codec, static_cast<std::size_t>(limit), request.cursor.empty());
}

Result<std::string> Messenger::sync_position() {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  SyncCursor cursor;
  MSG_TRY(cursor.since, snapshot->horizon());
  MSG_TRY(const auto tags, snapshot->list_life_tags({&cursor.since, 1}));
  cursor.tags = tags.front();
  return encode_sync_cursor(impl_->codec, cursor);
}

Result<std::unique_ptr<Subscription>> Messenger::subscribe(UserId actor, EventHandler handler,
                                                           BehindHandler on_behind) {
  return impl_->hub.subscribe(actor, std::move(handler), std::move(on_behind));
}

}  // namespace msg
