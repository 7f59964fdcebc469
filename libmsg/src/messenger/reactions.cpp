// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/limits.h"
#include "messenger/change.h"
#include "messenger/impl.h"
#include "messenger/paging.h"
#include "messenger/policy.h"
#include "messenger/view.h"

namespace msg {
namespace {

struct Found {
  Target target;
  AnnotationRow own;
  bool has_given{false};
};

Result<Found> find(Batch& batch, UserId actor, const Reaction& reaction) {
  Found found;
  MSG_TRY(found.target, find_shown_target(batch, actor, reaction.message));
  MSG_CHECK(may(Act::react, *found.target.conversation, *found.target.actor));
  if (found.target.message.deleted) return fail(Code::conflict, "The message is deleted.");
  MSG_TRY(found.own, find_annotation(batch, found.target));
  const auto& given = found.own.reactions;
  found.has_given = std::ranges::find(given, reaction.emoji, &MemberReaction::emoji) != given.end();
  return found;
}

Result<Message> unchanged(Found& found) {
  hide_from(found.target.message, found.target.actor->user);
  return std::move(found.target.message);
}

Result<Message> put(Batch& batch, const Found& found, Version version, Message changed,
                    ReactionChange change) {
  MSG_CHECK(batch.rows().put_annotation(found.own));
  return put_change(batch, found.target, version, std::move(changed),
                    {.reaction = std::move(change)});
}

Result<Message> give(Batch& batch, UserId actor, const Reaction& reaction, std::size_t kinds_max) {
  MSG_TRY(Found found, find(batch, actor, reaction));
  if (found.has_given) return unchanged(found);
  Message changed = found.target.message;
  auto kind = std::ranges::find(changed.reactions, reaction.emoji, &ReactionCount::emoji);
  if (kind == changed.reactions.end()) {
    if (changed.reactions.size() >= kinds_max) {
      return fail(Code::conflict, "The message has all the kinds of reactions that it may have.");
    }
    kind = changed.reactions.insert(kind, {.emoji = reaction.emoji, .count = 0});
  }
  ++kind->count;
  const Version version = batch.next_version(*found.target.conversation);
  found.own.reactions.push_back(
      {.emoji = reaction.emoji, .version = version, .at = time_of(version)});
  return put(batch, found, version, std::move(changed), {.user = actor, .emoji = reaction.emoji});
}

Result<Message> take_back(Batch& batch, UserId actor, const Reaction& reaction) {
  MSG_TRY(Found found, find(batch, actor, reaction));
  if (!found.has_given) return unchanged(found);
  Message changed = found.target.message;
  const auto kind = std::ranges::find(changed.reactions, reaction.emoji, &ReactionCount::emoji);
  if (kind == changed.reactions.end()) return fail(Code::corrupt, "A reaction was not counted.");
  if (--kind->count == 0) changed.reactions.erase(kind);
  const Version version = batch.next_version(*found.target.conversation);
  std::erase_if(found.own.reactions,
                [&](const MemberReaction& given) { return given.emoji == reaction.emoji; });
  return put(batch, found, version, std::move(changed),
             {.user = actor, .emoji = reaction.emoji, .removed = true});
}

/// Nothing when the reader may see none of it.
Reactor to_reactor(AnnotationRow row, const Access& access) {
  if (!access.self.active) {
    std::erase_if(row.reactions,
                  [&](const MemberReaction& given) { return given.version > access.self.version; });
  }
  return {.user = row.user, .reactions = std::move(row.reactions)};
}

}  // namespace

Result<Message> Messenger::react(UserId actor, const Reaction& reaction) {
  const Limits& limits = impl_->options.limits;
  MSG_CHECK(check_emoji(reaction.emoji, limits));
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return give(batch, actor, reaction, limits.reaction_kinds_max); },
      hint_of(actor, reaction.message));
}

Result<Message> Messenger::remove_reaction(UserId actor, const Reaction& reaction) {
  MSG_CHECK(check_emoji(reaction.emoji, impl_->options.limits));
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return take_back(batch, actor, reaction); },
      hint_of(actor, reaction.message));
}

Result<Page<Reactor>> Messenger::list_reactions(UserId actor, const MessageId& id,
                                                const PageRequest& request) {
  MSG_TRY(const ForwardPage page,
          read_page_request(impl_->codec, request, CursorKind::reactions, to_int(id.conversation),
                            impl_->options.limits));
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, id.conversation));
  MSG_TRY(const auto message, load_visible(*snapshot, access, id));
  // What is not to be seen is skipped, so one page may take several reads.
  std::vector<Reactor> reactors;
  const auto wanted = static_cast<std::size_t>(page.limit) + 1;
  for (UserId after{page.after}; !message.deleted && reactors.size() < wanted;) {
    MSG_TRY(auto rows, snapshot->list_annotations(id, after, page.limit + 1));
    const bool is_last = rows.size() < wanted;
    for (auto& row : rows) {
      after = row.user;
      Reactor reactor = to_reactor(std::move(row), access);
      if (reactors.size() < wanted && !reactor.reactions.empty()) {
        reactors.push_back(std::move(reactor));
      }
    }
    if (is_last) break;
  }
  return finish_page<Reactor>(impl_->codec, page, std::move(reactors),
                              [](const Reactor& reactor) { return to_int(reactor.user); });
}

}  // namespace msg
