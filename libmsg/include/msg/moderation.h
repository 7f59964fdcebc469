// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "msg/messenger.h"
#include "msg/rules.h"

namespace msg {

/// Who may join a group, what may be done there, and who may write to whom. Everything is kept in
/// the Messenger's store, and obeyed by every call of any Messenger on it from the moment on at
/// which one of these returns.
///
/// Errors are as of Messenger's calls on conversations: not_found when the actor may not know of
/// it, permission_denied when the rules say no, conflict for a direct conversation where a group is
/// needed, and the other way round.
///
/// Lifetime: the Messenger must outlive it. Thread safety: all calls from any thread.
class Moderation {
 public:
  explicit Moderation(Messenger& messenger) : messenger_(messenger) {}

  /// Admins and owners. Nobody sets a role above their own, or changes one that was set above it.
  /// invalid_argument: out of range.
  Result<Conversation> change_rules(UserId actor, ConversationId conversation,
                                    const RulesPatch& patch);

  // Joining: whoever may add members -------------------------------------------------------------
  /// conflict: the group has kInvitationsMax.
  Result<Invitation> create_invitation(UserId actor, const NewInvitation& invitation);
  /// Those that still work, in no order.
  Result<std::vector<Invitation>> list_invitations(UserId actor, ConversationId conversation);
  /// It works no more. One that does not exist changes nothing.
  Result<void> revoke_invitation(UserId actor, std::string_view token);
  /// Makes the actor a member, or with Invitation::needs_approval asks for it: then nothing is
  /// returned. Who is a member already stays one and uses up nothing. not_found: a token that does
  /// not work, for whatever reason. conflict: the group is full, or kJoinRequestsMax ask already.
  Result<std::optional<Member>> join(UserId actor, std::string_view token);
  /// Ascending by user id.
  Result<Page<JoinRequest>> list_join_requests(UserId actor, ConversationId conversation,
                                               const PageRequest& request);
  /// Lets the user in as a member, or not. not_found: they did not ask, or no longer do.
  Result<std::optional<Member>> answer_join_request(UserId actor, ConversationId conversation,
                                                    UserId user, bool let_in);

  // Between two users ----------------------------------------------------------------------------
  /// The two send each other nothing from now on (permission_denied), and that user does not add
  /// the actor to groups. Groups that both are in stay as they are. Again changes nothing.
  Result<Block> block(UserId actor, UserId user);
  Result<void> unblock(UserId actor, UserId user);
  /// Whom the actor blocks, ascending by user id. Nobody is told who blocks them.
  Result<Page<Block>> list_blocks(UserId actor, const PageRequest& request);
  /// With Options::direct_needs_acceptance the one who began a direct conversation may send one
  /// message there until the other accepts: by this, or by sending. Again changes nothing.
  /// permission_denied: the actor began it.
  Result<Conversation> accept_direct(UserId actor, ConversationId conversation);

 private:
  Messenger& messenger_;
};

}  // namespace msg
