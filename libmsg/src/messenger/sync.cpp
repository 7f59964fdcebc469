// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/limits.h"
#include "messenger/impl.h"
#include "messenger/memberships.h"

namespace msg {
namespace {

/// A conversation with news, and the version up to which offering it brings its reader.
struct Candidate {
  Access access;
  Version membership{};  ///< Of joining or leaving.
  Version version{};
};

/// Sync compares the heads of the user's conversations with the cursor and offers those that are
/// ahead of it, lowest version first. The order matters: after a page the cursor says "everything
/// up to `since`, and in addition whatever conversation stands no higher than `progress`". One that
/// changes between two pages moves up, behind `progress`, and is offered again with all its news
/// since `since`. So nothing slips through, and the server remembers nothing.
class SyncBuilder {
 public:
  SyncBuilder(Snapshot& snapshot, UserId actor, const Limits& limits, SyncCursor cursor)
      : snapshot_(snapshot), actor_(actor), limits_(limits), cursor_(cursor) {}

  Result<SyncPage> build(const CursorCodec& codec, std::size_t limit) {
    MSG_TRY(const Version now, snapshot_.last_version());
    // A store restored from a backup is behind the cursors given since.
    if (cursor_.since > now) return bad_cursor();
    MSG_TRY(auto candidates, find_candidates());
    SyncPage page;
    for (const auto& candidate : candidates) {
      if (page.conversations.size() == limit || bytes_ >= limits_.page_bytes_max) {
        page.has_more = true;
        break;
      }
      MSG_TRY(auto delta, make_delta(candidate));
      page.conversations.push_back(std::move(delta));
      cursor_.progress = candidate.version;
    }
    if (!page.has_more) cursor_ = {.since = now, .progress = {}};
    page.cursor = encode_sync_cursor(codec, cursor_);
    return page;
  }

 private:
  Result<std::vector<Candidate>> find_candidates() {
    const Version offered = std::max(cursor_.since, cursor_.progress);
    std::vector<Candidate> candidates;
    MSG_CHECK(for_each_membership(
        snapshot_, actor_, [&](Access access, Version membership) -> Result<void> {
          // For a former member, load_access() has stopped the version at the leaving.
          const Version version = access.conversation.version;
          if (version > offered) candidates.push_back({std::move(access), membership, version});
          return {};
        }));
    std::ranges::sort(candidates, {}, &Candidate::version);
    return candidates;
  }

  Result<ConversationDelta> make_delta(const Candidate& candidate) {
    const Access& access = candidate.access;
    ConversationDelta delta;
    MSG_TRY(delta.view, make_view(snapshot_, access));
    if (delta.view.last_message) bytes_ += delta.view.last_message->content.size();
    // To who joins, first or again, everything there is new.
    const bool has_joined = access.self.active && candidate.membership > cursor_.since;
    const Version since = has_joined ? Version{} : cursor_.since;
    MSG_CHECK(add_messages(delta, access, since));
    MSG_CHECK(add_members(delta, access, since));
    return delta;
  }

  Result<void> add_messages(ConversationDelta& delta, const Access& access, Version since) {
    if (access.conversation.activity <= since) return {};
    MSG_TRY(const auto first_new, snapshot_.find_seq_after(access.conversation.id, since));
    if (!first_new) return {};
    const auto first = std::max(to_int(*first_new), to_int(access.first_seq()));
    const auto last = to_int(access.last_seq());
    if (first > last) return {};
    const auto first_sent = std::max(first, last - limits_.sync_messages_max + 1);
    if (first_sent > first) delta.missing = SeqRange{Seq{first}, Seq{first_sent - 1}};
    MSG_TRY(delta.messages,
            snapshot_.list_messages(access.conversation.id, Seq{first_sent}, Seq{last},
                                    limits_.sync_messages_max, Order::oldest_first));
    for (auto& message : delta.messages) {
      hide_from(message, actor_);
      bytes_ += message.content.size();
    }
    return {};
  }

  /// A former member hears of its own leaving only.
  Result<void> add_members(ConversationDelta& delta, const Access& access, Version since) {
    if (!access.self.active) {
      delta.members.push_back(to_member(access.self));
      return {};
    }
    MSG_TRY(const auto rows, snapshot_.list_members_changed(access.conversation.id, since,
                                                            limits_.page_size_max + 1));
    for (const auto& row : rows) delta.members.push_back(to_member(row));
    delta.more_members = delta.members.size() > static_cast<std::size_t>(limits_.page_size_max);
    if (delta.more_members) delta.members.pop_back();
    return {};
  }

  Snapshot& snapshot_;
  UserId actor_;
  const Limits& limits_;
  SyncCursor cursor_;
  std::size_t bytes_{0};
};

}  // namespace

Result<SyncPage> Messenger::sync(UserId actor, const SyncRequest& request) {
  const Limits& limits = impl_->options.limits;
  MSG_TRY(const int limit, page_size(request.limit, limits));
  SyncCursor cursor;
  if (!request.cursor.empty()) {
    MSG_TRY(cursor, decode_sync_cursor(impl_->codec, request.cursor));
  }
  MSG_TRY(const auto snapshot, impl_->store->snapshot());
  return SyncBuilder(*snapshot, actor, limits, cursor)
      .build(impl_->codec, static_cast<std::size_t>(limit));
}

Result<std::string> Messenger::sync_position() {
  MSG_TRY(const auto snapshot, impl_->store->snapshot());
  MSG_TRY(const Version now, snapshot->last_version());
  return encode_sync_cursor(impl_->codec, {.since = now, .progress = {}});
}

Result<std::unique_ptr<Subscription>> Messenger::subscribe(UserId actor, EventHandler handler) {
  return impl_->hub.subscribe(actor, std::move(handler));
}

}  // namespace msg
