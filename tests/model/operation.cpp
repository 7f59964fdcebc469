// SPDX-License-Identifier: Apache-2.0
#include "model/operation.h"

#include <iomanip>
#include <sstream>
#include <utility>

namespace msg::test {
namespace {

class Description {
 public:
  explicit Description(std::string_view name) { out_ << name; }

  template <class... Parts>
  Description& operator()(const Parts&... parts) {
    (put(parts), ...);
    return *this;
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostream& next() { return out_ << (std::exchange(is_first_, false) ? " " : ", "); }

  void put(UserId user) { next() << "user " << to_int(user); }
  void put(ConversationId conversation) { next() << "conversation " << to_int(conversation); }
  void put(const MessageId& id) { next() << "message " << to_string(id); }
  void put(Seq seq) { next() << "seq " << to_int(seq); }
  void put(Time time) { next() << "time " << time.time_since_epoch().count(); }
  void put(Role role) { next() << to_string(role); }
  void put(MessageKind kind) { next() << to_string(kind); }
  void put(MessageState state) { next() << to_string(state); }
  void put(std::string_view note) { next() << note; }
  void put(const char* note) { next() << note; }
  void put(const std::string& text) {
    constexpr std::size_t kShown = 40;
    next() << std::quoted(text.substr(0, kShown));
    if (text.size() > kShown) out_ << "… of " << text.size() << " bytes";
  }
  void put(int number) { next() << number; }
  void put(bool is_on) { next() << (is_on ? "on" : "off"); }
  void put(const Paging& paging) {
    next() << "limit " << paging.limit;
    put(paging.cursor);
  }
  void put(const CursorPlace& cursor) {
    if (!cursor) return;
    if (*cursor == kForgedCursor) {
      next() << "a forged cursor";
    } else {
      next() << "cursor " << *cursor;
    }
  }
  template <class T>
  void put(const std::pair<const char*, std::optional<T>>& named) {
    if (!named.second) return;
    next() << named.first << ":";
    is_first_ = true;
    put(*named.second);
  }

  std::ostringstream out_;
  bool is_first_{true};
};

template <class T>
std::pair<const char*, std::optional<T>> named(const char* name, const std::optional<T>& value) {
  return {name, value};
}

struct Describer {
  std::string operator()(const RegisterUser& op) const {
    const auto& user = op.user;
    return Description("RegisterUser")(user.phone, named("username", user.username),
                                       user.display_name, user.about, user.avatar)
        .text();
  }
  std::string operator()(const LoadUser& op) const {
    return Description("LoadUser")(op.user).text();
  }
  std::string operator()(const LoadUserByPhone& op) const {
    return Description("LoadUserByPhone")(op.phone).text();
  }
  std::string operator()(const LoadUserByUsername& op) const {
    return Description("LoadUserByUsername")(op.username).text();
  }
  std::string operator()(const UpdateUser& op) const {
    const auto& patch = op.patch;
    return Description("UpdateUser")(
               op.actor, named("phone", patch.phone), named("username", patch.username),
               named("display_name", patch.display_name), named("about", patch.about),
               named("avatar", patch.avatar), named("read receipts", patch.read_receipts))
        .text();
  }
  std::string operator()(const ListUsers& op) const {
    return Description("ListUsers")(op.paging).text();
  }
  std::string operator()(const OpenDirect& op) const {
    return Description("OpenDirect")(op.actor, op.peer).text();
  }
  std::string operator()(const FindDirect& op) const {
    return Description("FindDirect")(op.actor, op.peer).text();
  }
  std::string operator()(const CreateGroup& op) const {
    Description description("CreateGroup");
    description(op.actor, op.group.title);
    for (const UserId user : op.group.users) description(user);
    return description.text();
  }
  std::string operator()(const LoadConversation& op) const {
    return Description("LoadConversation")(op.actor, op.conversation).text();
  }
  std::string operator()(const ListConversations& op) const {
    return Description("ListConversations")(op.actor, op.paging).text();
  }
  std::string operator()(const RenameGroup& op) const {
    return Description("RenameGroup")(op.actor, op.conversation, op.title).text();
  }
  std::string operator()(const AddMember& op) const {
    return Description("AddMember")(op.actor, op.conversation, op.user, op.role).text();
  }
  std::string operator()(const RemoveMember& op) const {
    return Description("RemoveMember")(op.actor, op.conversation, op.user).text();
  }
  std::string operator()(const ChangeRole& op) const {
    return Description("ChangeRole")(op.actor, op.conversation, op.user, op.role).text();
  }
  std::string operator()(const ListMembers& op) const {
    return Description("ListMembers")(op.actor, op.conversation, op.paging).text();
  }
  std::string operator()(const Send& op) const {
    Description description("Send");
    for (const auto& draft : op.drafts) {
      description(draft.sender, draft.conversation, draft.kind, draft.content,
                  named("reply_to", draft.reply_to), named("timestamp", draft.timestamp));
      if (!draft.client_id.empty()) description("client_id", draft.client_id);
    }
    return description.text();
  }
  std::string operator()(const EditMessage& op) const {
    return Description("EditMessage")(op.actor, op.edit.message, op.edit.content).text();
  }
  std::string operator()(const DeleteMessage& op) const {
    return Description("DeleteMessage")(op.actor, op.id).text();
  }
  std::string operator()(const React& op) const {
    return Description("React")(op.actor, op.reaction.message, op.reaction.emoji,
                                op.removes ? "taken back" : "given")
        .text();
  }
  std::string operator()(const PinMessage& op) const {
    return Description("PinMessage")(op.actor, op.id, op.removes ? "off" : "on").text();
  }
  std::string operator()(const ListRevisions& op) const {
    return Description("ListRevisions")(op.actor, op.id).text();
  }
  std::string operator()(const LoadMessage& op) const {
    return Description("LoadMessage")(op.actor, op.id).text();
  }
  std::string operator()(const History& op) const {
    const auto& request = op.request;
    const bool newest_first = request.order == Order::newest_first;
    return Description("History")(op.actor, request.conversation, Paging{request.limit, op.cursor},
                                  newest_first ? "newest first" : "oldest first",
                                  named("before", request.before), named("after", request.after),
                                  named("around", request.around), named("from", request.from),
                                  named("to", request.to))
        .text();
  }
  std::string operator()(const Mark& op) const {
    return Description("Mark")(op.actor, op.mark.conversation, op.mark.state, op.mark.up_to).text();
  }
  std::string operator()(const MarkAllRead& op) const {
    return Description("MarkAllRead")(op.actor).text();
  }
  std::string operator()(const MarkUnread& op) const {
    return Description("MarkUnread")(op.actor, op.conversation, op.from).text();
  }
  std::string operator()(const ListReceipts& op) const {
    return Description("ListReceipts")(op.actor, op.id, op.state, op.paging).text();
  }
  std::string operator()(const LoadStatus& op) const {
    return Description("LoadStatus")(op.actor, op.id).text();
  }
  std::string operator()(const ListRecipients& op) const {
    return Description("ListRecipients")(op.actor, op.id, op.paging).text();
  }
  std::string operator()(const Sync& op) const {
    return Description("Sync")(op.actor, op.paging).text();
  }
  std::string operator()(const SyncPosition&) const { return "SyncPosition"; }
  std::string operator()(const CatchUp& op) const {
    return Description("CatchUp")(op.user, "limit", op.limit, "pages", op.pages_max, "back",
                                  op.back)
        .text();
  }
  std::string operator()(const Reopen&) const { return "Reopen"; }
};

}  // namespace

std::string describe(const Operation& operation) {
  return std::visit(Describer(), operation);
}

}  // namespace msg::test
