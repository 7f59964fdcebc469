// SPDX-License-Identifier: Apache-2.0
#include "model/player.h"

#include <type_traits>

namespace msg::test {
namespace {

/// As they come in the text.
std::vector<std::vector<Time>> times_allowed(const Model& model, const MessageId& id,
                                             const std::vector<RecipientStatus>& recipients) {
  std::vector<std::vector<Time>> times;
  for (const auto& recipient : recipients) {
    if (recipient.delivered_at) {
      times.push_back(model.times_allowed(id, recipient.user, MessageState::delivered));
    }
    if (recipient.read_at) {
      times.push_back(model.times_allowed(id, recipient.user, MessageState::read));
    }
  }
  return times;
}

}  // namespace

/// One operation: translated, called and told.
template <class Facade>
struct Player<Facade>::Call {
  Player& player;
  Facade& facade{*player.facade_};
  Names& names{player.names_};
  Teller told{player.names_};

  UserId real(UserId user) const { return names.users.to_real(user); }
  ConversationId real(ConversationId id) const { return names.conversations.to_real(id); }
  MessageId real(const MessageId& id) const { return {real(id.conversation), id.seq}; }
  std::string real(const CursorPlace& place) const {
    if (!place) return {};
    return *place == kForgedCursor ? "bm90IGEgY3Vyc29y" : player.cursors_.at(*place);
  }
  PageRequest real(const Paging& paging) const { return {paging.limit, real(paging.cursor)}; }

  void operator()(const RegisterUser& op) { told.tell(facade.register_user(op.user)); }
  void operator()(const LoadUser& op) { told.tell(facade.load_user(real(op.user))); }
  void operator()(const LoadUserByPhone& op) { told.tell(facade.load_user_by_phone(op.phone)); }
  void operator()(const LoadUserByUsername& op) {
    told.tell(facade.load_user_by_username(op.username));
  }
  void operator()(const UpdateUser& op) {
    if (op.patch.read_receipts) player.switched_.insert(op.actor);
    told.tell(facade.update_user(real(op.actor), op.patch));
  }
  /// Who has used the switch keeps what was told before, and is not told anew: what their devices
  /// show of others' reading depends on when they looked.
  Screen comparable(Screen screen, UserId of, UserId own_id) const {
    if (!player.switched_.contains(of)) return screen;
    for (auto& [conversation, chat] : screen) {
      for (auto& [user, person] : chat.people) {
        if (user != own_id) person.read = Seq{};
      }
    }
    return screen;
  }
  void operator()(const ListUsers& op) { told.tell(facade.list_users(real(op.paging))); }

  void operator()(const OpenDirect& op) {
    told.tell(facade.open_direct(real(op.actor), real(op.peer)));
  }
  void operator()(const FindDirect& op) {
    told.tell(facade.find_direct(real(op.actor), real(op.peer)));
  }
  void operator()(const CreateGroup& op) {
    NewGroup group = op.group;
    for (auto& user : group.users) user = real(user);
    told.tell(facade.create_group(real(op.actor), group));
  }
  void operator()(const LoadConversation& op) {
    told.tell(facade.load_conversation(real(op.actor), real(op.conversation)));
  }
  void operator()(const ListConversations& op) {
    told.tell(facade.list_conversations(real(op.actor), real(op.paging)));
  }

  void operator()(const RenameGroup& op) {
    told.tell(facade.rename_group(real(op.actor), real(op.conversation), op.title));
  }
  void operator()(const AddMember& op) {
    told.tell(facade.add_member(real(op.actor), real(op.conversation), real(op.user), op.role));
  }
  void operator()(const RemoveMember& op) {
    told.tell(facade.remove_member(real(op.actor), real(op.conversation), real(op.user)));
  }
  void operator()(const ChangeRole& op) {
    told.tell(facade.change_role(real(op.actor), real(op.conversation), real(op.user), op.role));
  }
  void operator()(const ListMembers& op) {
    told.tell(facade.list_members(real(op.actor), real(op.conversation), real(op.paging)));
  }

  void operator()(const Send& op) {
    std::vector<Draft> drafts = op.drafts;
    for (auto& draft : drafts) {
      draft.sender = real(draft.sender);
      draft.conversation = real(draft.conversation);
    }
    if (drafts.size() == 1) {
      told.tell(facade.send(drafts.front()));
    } else {
      told.tell(facade.send_many(drafts));
    }
  }
  void operator()(const EditMessage& op) {
    told.tell(facade.edit(real(op.actor), {real(op.edit.message), op.edit.content}));
  }
  void operator()(const DeleteMessage& op) {
    told.tell(facade.delete_for_everyone(real(op.actor), real(op.id)));
  }
  void operator()(const React& op) {
    const Reaction reaction{real(op.reaction.message), op.reaction.emoji};
    told.tell(op.removes ? facade.remove_reaction(real(op.actor), reaction)
                         : facade.react(real(op.actor), reaction));
  }
  void operator()(const PinMessage& op) {
    told.tell(op.removes ? facade.unpin(real(op.actor), real(op.id))
                         : facade.pin(real(op.actor), real(op.id)));
  }
  void operator()(const ListRevisions& op) {
    told.tell(facade.list_revisions(real(op.actor), real(op.id)));
  }
  void operator()(const LoadMessage& op) {
    told.tell(facade.load_message(real(op.actor), real(op.id)));
  }
  void operator()(const History& op) {
    HistoryRequest request = op.request;
    request.conversation = real(request.conversation);
    request.cursor = real(op.cursor);
    told.tell(facade.history(real(op.actor), request));
  }

  void operator()(const Mark& op) {
    told.tell(
        facade.mark(real(op.actor), {real(op.mark.conversation), op.mark.state, op.mark.up_to}));
  }
  void operator()(const MarkAllRead& op) { told.tell(facade.mark_all_read(real(op.actor))); }
  void operator()(const MarkUnread& op) {
    told.tell(facade.mark_unread(real(op.actor), real(op.conversation), op.from));
  }
  void operator()(const ListReceipts& op) {
    const auto page = facade.list_receipts(real(op.actor), {.message = real(op.id),
                                                            .state = op.state,
                                                            .limit = op.paging.limit,
                                                            .cursor = real(op.paging.cursor)});
    told.tell(page);
    if constexpr (std::is_same_v<Facade, Model>) {
      std::vector<std::vector<Time>> times;
      for (const auto& receipt : page ? page->items : std::vector<Receipt>{}) {
        if (receipt.at) times.push_back(facade.times_allowed(op.id, receipt.user, op.state));
      }
      told.allow_receipt_times(std::move(times));
    }
  }
  void operator()(const LoadStatus& op) {
    told.tell(facade.message_status(real(op.actor), real(op.id)));
  }
  void operator()(const ListRecipients& op) {
    const auto page = facade.list_recipients(real(op.actor), real(op.id), real(op.paging));
    told.tell(page);
    if constexpr (std::is_same_v<Facade, Model>) {
      if (page) told.allow_receipt_times(times_allowed(facade, op.id, page->items));
    }
  }

  void operator()(const Sync& op) {
    told.tell(facade.sync(real(op.actor), {op.paging.limit, real(op.paging.cursor)}));
  }
  void operator()(const SyncPosition&) {
    const auto cursor = facade.sync_position();
    if (cursor) return told.tell_cursor(*cursor);
    told.tell(cursor.error());
  }
  void operator()(const CatchUp& op) {
    if constexpr (std::is_same_v<Facade, Model>) {
      if (op.pages_max == 0) {
        told.tell(comparable(facade.screen_of(op.user), op.user, op.user));
      }
    } else {
      Device& device = player.devices_.try_emplace(op.user, real(op.user)).first->second;
      device.put_back(op.back);
      const auto screen = device.catch_up(facade, op.limit, op.pages_max);
      if (!screen) {
        told.tell(screen.error());
      } else if (op.pages_max == 0) {
        told.tell(comparable(**screen, op.user, real(op.user)));
      }
    }
  }
  void operator()(const Reopen&) {}
};

template <class Facade>
Answer Player<Facade>::play(const Operation& operation) {
  Call call{.player = *this};
  std::visit(call, operation);
  Answer answer = call.told.take();
  cursors_.insert(cursors_.end(), answer.cursors.begin(), answer.cursors.end());
  return answer;
}

template class Player<Model>;
template class Player<Messenger>;

}  // namespace msg::test
