// SPDX-License-Identifier: Apache-2.0
#include "store/cached/cached_snapshot.h"

#include <algorithm>

#include "core/varint.h"
#include "store/cached/cached_rows.h"

namespace msg {
namespace {

/// Of two people each reads what the other does, once: there is nothing to share.
constexpr std::int64_t kSharedMembersMin = 3;

/// What is asked. Stands in the question.
constexpr char kAskPage = 'p';
constexpr char kAskMessages = 'm';
constexpr char kAskSeqAfter = 's';
constexpr char kAskMembers = 'u';
constexpr char kAskMembersChanged = 'v';

}  // namespace

// What a group is at -------------------------------------------------------------------------

Result<std::vector<Standing>> CachedSnapshot::list_standings(UserId user, ConversationId after,
                                                             int limit) {
  MSG_TRY(auto standings, target().list_standings(user, after, limit));
  for (const Standing& standing : standings) {
    const ConversationRow& row = standing.conversation;
    if (row.member_count < kSharedMembersMin || !shared_.heat().is_hot(row.id)) continue;
    note(row, standing.member, 0);
    heads_.at(row.id).writer = standing.conversation_writer;
  }
  return standings;
}

Result<std::optional<Participation>> CachedSnapshot::find_participation(ConversationId conversation,
                                                                        UserId user) {
  MSG_TRY(auto found, target().find_participation(conversation, user));
  const bool is_known = heads_.contains(conversation);
  if (!found || is_known || found->conversation.member_count < kSharedMembersMin) return found;
  const bool was_hot = shared_.heat().touch(conversation);
  note(found->conversation, found->member, found->life);
  heads_.at(conversation).is_hot = was_hot || is_opened_elsewhere_;
  return found;
}

void CachedSnapshot::note(const ConversationRow& conversation, const MemberRow& self,
                          std::uint32_t life) {
  heads_.insert_or_assign(conversation.id, Head{.id = conversation.id,
                                                .version = conversation.version,
                                                .changes = conversation.changes,
                                                .last_seq = conversation.last_seq,
                                                .self = self,
                                                .life = life,
                                                .is_hot = true});
}

/// Null: it is not, or too little is known of it in this view.
CachedSnapshot::Head* CachedSnapshot::find_hot(ConversationId conversation) {
  const auto head = heads_.find(conversation);
  if (head != heads_.end()) return head->second.is_hot ? &head->second : nullptr;
  shared_.heat().touch(conversation);  // of a sync, which knows the group next time
  return nullptr;
}

Result<bool> CachedSnapshot::find_life_of(Head& head) {
  if (head.life == 0 && head.writer) {
    MSG_TRY(const auto life, target().find_life(*head.writer, head.version));
    if (life) head.life = life->tag;
    head.writer.reset();
  }
  return head.life != 0;
}

// Questions ----------------------------------------------------------------------------------

/// question = kind conversation life numbers*     conversation: fixed64; life, numbers: varints
///
/// Two views in which the version of the conversation is of one life are of one history, the one
/// before the other: a process begins another life when anything it wrote is gone. So messages are
/// named by their place and the version of the last change to any of them, and need not be read
/// again because others came behind.
std::string CachedSnapshot::ask(char kind, const Head& head,
                                std::initializer_list<std::int64_t> more) {
  std::string question{kind};
  put_fixed64(question, static_cast<std::uint64_t>(to_int(head.id)));
  put_varint(question, head.life);
  for (const std::int64_t number : more) put_zigzag(question, number);
  return question;
}

std::string CachedSnapshot::ask_for_page(const Head& head, Seq from, Seq to, int limit,
                                         Order order) {
  return ask(kAskPage, head,
             {to_int(head.changes), to_int(from), to_int(to), limit, static_cast<int>(order)});
}

template <class T, class Load, class Decode>
Result<T> CachedSnapshot::share(const Head& head, const std::string& question, Load load,
                                Decode decode) {
  MSG_TRY(const auto loaded, shared_.read(head.id, question, [&]() -> Result<std::string> {
    MSG_TRY(const T rows, load());
    return cached::encode(rows);
  }));
  Result<T> rows = decode(loaded->bytes);
  if (rows) return rows;
  return load();  // of another library, which writes rows in another way
}

// Messages -----------------------------------------------------------------------------------

void CachedSnapshot::expect_messages(ConversationId conversation, Seq from, Seq to, int limit,
                                     Order order) {
  if (shared_.heat().is_hot(conversation)) return;
  opening_part_ = shared_.open(conversation);
  is_opened_elsewhere_ = !opening_part_.leads();
  if (is_opened_elsewhere_) {
    opening_part_ = {};
    return;
  }
  opening_ = conversation;
  target().expect_messages(conversation, from, to, limit, order);
}

Result<std::vector<Message>> CachedSnapshot::list_messages(ConversationId conversation, Seq from,
                                                           Seq to, int limit, Order order) {
  if (opening_ == conversation) return open(from, to, limit, order);
  Head* const head = find_hot(conversation);
  const auto load = [&] { return target().list_messages(conversation, from, to, limit, order); };
  if (!head || to > head->last_seq) return load();
  MSG_TRY(const bool has_life, find_life_of(*head));
  if (!has_life) return load();
  return share<std::vector<Message>>(
      *head, ask_for_page(*head, from, to, limit, order), load,
      [&](std::string_view bytes) { return cached::decode_messages(conversation, bytes); });
}

/// What was expected, for those as well who came meanwhile.
Result<std::vector<Message>> CachedSnapshot::open(Seq from, Seq to, int limit, Order order) {
  const ConversationId conversation = *std::exchange(opening_, std::nullopt);
  auto part = std::move(opening_part_);
  MSG_TRY(auto messages, target().list_messages(conversation, from, to, limit, order));
  const auto head = heads_.find(conversation);
  if (head != heads_.end() && head->second.life != 0 && to <= head->second.last_seq) {
    shared_.opened(std::move(part), ask_for_page(head->second, from, to, limit, order),
                   [&]() -> Result<std::string> { return cached::encode(messages); });
  }
  return messages;
}

Result<std::vector<std::optional<Message>>> CachedSnapshot::find_messages(
    std::span<const MessageId> ids) {
  const auto load = [&] { return target().find_messages(ids); };
  if (ids.empty()) return load();
  const ConversationId conversation = ids.front().conversation;
  const auto head = heads_.find(conversation);
  const bool is_shared =
      head != heads_.end() && head->second.is_hot &&
      std::ranges::all_of(ids, [&](const MessageId& id) {
        return id.conversation == conversation && id.seq <= head->second.last_seq;
      });
  if (!is_shared) return load();
  MSG_TRY(const bool has_life, find_life_of(head->second));
  if (!has_life) return load();
  std::string question = ask(kAskMessages, head->second, {to_int(head->second.changes)});
  for (const MessageId& id : ids) put_zigzag(question, to_int(id.seq));
  return share<std::vector<std::optional<Message>>>(
      head->second, question, load,
      [&](std::string_view bytes) { return cached::decode_found(conversation, bytes); });
}

Result<std::optional<Seq>> CachedSnapshot::find_seq_after(ConversationId conversation,
                                                          Version version) {
  Head* const head = find_hot(conversation);
  const auto load = [&] { return target().find_seq_after(conversation, version); };
  if (!head) return load();
  MSG_TRY(const bool has_life, find_life_of(*head));
  if (!has_life) return load();
  return share<std::optional<Seq>>(
      *head, ask(kAskSeqAfter, *head, {to_int(head->last_seq), to_int(version)}), load,
      cached::decode_seq);
}

// Members ------------------------------------------------------------------------------------

Result<std::vector<MemberRow>> CachedSnapshot::list_members(ConversationId conversation,
                                                            UserId after, int limit) {
  Head* const head = find_hot(conversation);
  const auto load = [&] { return target().list_members(conversation, after, limit); };
  if (!head) return load();
  MSG_TRY(const bool has_life, find_life_of(*head));
  if (!has_life) return load();
  return share_members(
      *head, ask(kAskMembers, *head, {to_int(head->version), to_int(after), limit}), load);
}

Result<std::vector<MemberRow>> CachedSnapshot::list_members_changed(ConversationId conversation,
                                                                    Version after, int limit) {
  Head* const head = find_hot(conversation);
  const auto load = [&] { return target().list_members_changed(conversation, after, limit); };
  if (!head) return load();
  MSG_TRY(const bool has_life, find_life_of(*head));
  if (!has_life) return load();
  return share_members(
      *head, ask(kAskMembersChanged, *head, {to_int(head->version), to_int(after), limit}), load);
}

/// Whatever others see of a member changes together with the version of the conversation.
template <class Load>
Result<std::vector<MemberRow>> CachedSnapshot::share_members(Head& head,
                                                             const std::string& question,
                                                             Load load) {
  const auto load_public = [&]() -> Result<std::vector<MemberRow>> {
    MSG_TRY(auto members, load());
    std::ranges::for_each(members, cached::keep_public_part);
    return members;
  };
  MSG_TRY(auto members,
          share<std::vector<MemberRow>>(head, question, load_public, [&](std::string_view bytes) {
            return cached::decode_members(head.id, bytes);
          }));
  const auto self = std::ranges::find(members, head.self.user, &MemberRow::user);
  if (self != members.end()) *self = head.self;
  return members;
}

}  // namespace msg
