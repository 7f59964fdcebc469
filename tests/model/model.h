// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/room.h"
#include "model/screen.h"
#include "msg/changes.h"
#include "msg/options.h"
#include "msg/requests.h"
#include "msg/status.h"

namespace msg::test {

/// What a Messenger promises, said once more and as plainly as possible: everything is kept,
/// counted and searched from the beginning each time. Its calls are those of Messenger and mean
/// the same; it shares the public types with it and no line of code. Ids are 1, 2, 3 …, versions
/// count changes, and cursors are readable text ("members 3 17").
class Model {
 public:
  explicit Model(const Options& options) : limits_(options.limits), clock_(options.clock) {}

  Result<User> register_user(const NewUser& given);
  Result<User> load_user(UserId user) const;
  Result<User> load_user_by_phone(std::string_view phone) const;
  Result<User> load_user_by_username(std::string_view username) const;
  Result<User> update_user(UserId actor, const UserPatch& patch);
  Result<Page<User>> list_users(const PageRequest& request) const;

  Result<Conversation> open_direct(UserId actor, UserId peer);
  Result<std::optional<Conversation>> find_direct(UserId actor, UserId peer) const;
  Result<Conversation> create_group(UserId actor, const NewGroup& group);
  Result<ConversationView> load_conversation(UserId actor, ConversationId conversation) const;
  Result<Page<ConversationView>> list_conversations(UserId actor, const PageRequest& request) const;

  Result<Conversation> rename_group(UserId actor, ConversationId conversation, std::string title);
  Result<Member> add_member(UserId actor, ConversationId conversation, UserId user, Role role);
  Result<Member> remove_member(UserId actor, ConversationId conversation, UserId user);
  Result<Member> change_role(UserId actor, ConversationId conversation, UserId user, Role role);
  Result<Page<Member>> list_members(UserId actor, ConversationId conversation,
                                    const PageRequest& request) const;

  Result<Message> send(const Draft& draft);
  std::vector<Result<Message>> send_many(std::span<const Draft> drafts);
  Result<Message> edit(UserId actor, const Edit& edit);
  Result<Message> delete_for_everyone(UserId actor, const MessageId& id);
  Result<Message> react(UserId actor, const Reaction& reaction);
  Result<Message> remove_reaction(UserId actor, const Reaction& reaction);
  Result<Message> pin(UserId actor, const MessageId& id);
  Result<Message> unpin(UserId actor, const MessageId& id);
  Result<std::vector<Revision>> list_revisions(UserId actor, const MessageId& id) const;
  Result<Message> load_message(UserId actor, const MessageId& id) const;
  Result<Page<Message>> history(UserId actor, const HistoryRequest& request) const;

  Result<Member> mark(UserId actor, const ReceiptMark& mark);
  Result<std::int64_t> mark_all_read(UserId actor);
  Result<UnreadMark> mark_unread(UserId actor, ConversationId conversation, Seq from);
  Result<Page<Receipt>> list_receipts(UserId actor, const ReceiptsRequest& request) const;
  Result<MessageStatus> message_status(UserId actor, const MessageId& id) const;
  Result<Page<RecipientStatus>> list_recipients(UserId actor, const MessageId& id,
                                                const PageRequest& request) const;

  Result<SyncPage> sync(UserId actor, const SyncRequest& request) const;
  Result<std::string> sync_position() const;

  // Beyond Messenger: what the generator looks at, and what there is to compare with.
  const std::map<UserId, User>& users() const { return users_; }
  const std::map<ConversationId, Room>& rooms() const { return rooms_; }
  /// What a device that is up to date shows.
  Screen screen_of(UserId user) const;
  /// The times that list_recipients() may give for a message that far: the exact one for the
  /// latest receipts of a member, for older ones that of any later receipt too.
  std::vector<Time> times_allowed(const MessageId& id, UserId recipient, MessageState state) const;

 private:
  /// An actor in a conversation that the actor may know of.
  struct Place {
    const Room* room{};
    const RoomMember* self{};
  };
  struct Span;
  struct HistoryPlace;

  Result<Place> find_place(UserId actor, ConversationId conversation) const;
  Result<Place> find_active_place(UserId actor, ConversationId conversation) const;
  Result<Place> find_group_place(UserId actor, ConversationId conversation) const;
  Result<Message> change(const Place& place, Message changed, std::optional<Revision> revision);
  Result<Message> set_reaction(UserId actor, const Reaction& reaction, bool is_given);
  Result<Message> set_pin(UserId actor, const MessageId& id, bool is_pinned);
  Result<Message> find_readable(const Place& place, Seq seq) const;
  Result<int> page_limit(int limit) const;

  Result<void> check_user(const User& user) const;
  Result<HistoryPlace> read_place(const HistoryRequest& request) const;
  Span matching(const Place& place, const HistoryPlace& wanted) const;
  void fill_states(const Place& place, std::vector<Message>& messages) const;
  ConversationDelta delta_since(const Room& room, const RoomMember& self, Version since) const;

  Room& make_room(Conversation conversation);
  void join(Room& room, UserId user, Role role);
  bool give(Room& room, RoomMember& member, const ReceiptMark& mark);
  Reader reader_of(UserId user) const;
  void announce(Room& room);
  Version stamp();

  const Limits limits_;
  const std::function<Time()> clock_;
  std::map<UserId, User> users_;
  std::map<ConversationId, Room> rooms_;
  std::int64_t stamps_{0};
  /// Of the newest change. It never goes back, whatever the clock does.
  Time newest_{};
};

std::unexpected<Error> refuse(Code code, std::string field = {});

}  // namespace msg::test
