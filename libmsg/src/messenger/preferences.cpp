// SPDX-License-Identifier: Apache-2.0
#include "messenger/impl.h"
#include "messenger/own.h"
#include "messenger/view.h"

namespace msg {
namespace {

constexpr Time kMutedUntilMax{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}};

Preferences patched(Preferences preferences, const PreferencesPatch& patch, Time now) {
  if (patch.pinned) preferences.pinned = *patch.pinned;
  if (patch.archived) preferences.archived = *patch.archived;
  if (patch.muted_until) {
    preferences.muted_until = *patch.muted_until > now ? patch.muted_until : std::nullopt;
  }
  return preferences;
}

Result<Preferences> prefer(Batch& batch, UserId actor, ConversationId id,
                           const PreferencesPatch& patch, std::size_t writer) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(id));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(id, actor));
  if (!member) return no_such_conversation();
  MSG_CHECK(may(Act::look, *conversation, *member));
  const Preferences wanted = patched(member->own.preferences, patch, batch.now());
  if (wanted == member->own.preferences) return wanted;
  member->own.preferences = wanted;
  stamp_own(batch, *conversation, *member, writer);
  batch.changed(*member);
  batch.emit(id, member->own.version, PreferencesEvent{.user = actor, .preferences = wanted})
      .only_for = actor;
  return wanted;
}

}  // namespace

Result<Preferences> Messenger::prefer(UserId actor, ConversationId id,
                                      const PreferencesPatch& patch) {
  if (patch.muted_until > kMutedUntilMax) {
    return fail(Code::invalid_argument, "muted_until lies before the year 10000.", "muted_until");
  }
  return impl_->committer.run<Preferences>(
      [=, writer = impl_->store->identity().writer](Batch& batch) {
        return msg::prefer(batch, actor, id, patch, writer);
      },
      {.touch = Touch{id, actor, {}}});
}

}  // namespace msg
