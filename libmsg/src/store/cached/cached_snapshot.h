// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/cached/passing_snapshot.h"
#include "store/cached/shared_reads.h"

namespace msg {

/// A read that has the store say who is who and which version a conversation is at, and of groups
/// that many read takes the rest, which is the same for all of them, from who read it before. See
/// docs/adr/0028.
class CachedSnapshot final : public PassingSnapshot {
 public:
  CachedSnapshot(std::unique_ptr<Snapshot> target, SharedReads& shared)
      : PassingSnapshot(std::move(target)), shared_(shared) {}

  Result<std::vector<Standing>> list_standings(UserId user, ConversationId after,
                                               int limit) override;
  Result<std::optional<Participation>> find_participation(ConversationId conversation,
                                                          UserId user) override;
  void expect_messages(ConversationId conversation, Seq from, Seq to, int limit,
                       Order order) override;
  Result<std::vector<Message>> list_messages(ConversationId conversation, Seq from, Seq to,
                                             int limit, Order order) override;
  Result<std::vector<std::optional<Message>>> find_messages(
      std::span<const MessageId> ids) override;
  Result<std::optional<Seq>> find_seq_after(ConversationId conversation, Version version) override;
  Result<std::vector<MemberRow>> list_members(ConversationId conversation, UserId after,
                                              int limit) override;
  Result<std::vector<MemberRow>> list_members_changed(ConversationId conversation, Version after,
                                                      int limit) override;

 private:
  /// What this view has of a group, and who looks at it.
  struct Head {
    ConversationId id{};
    Version version{};
    Version changes{};
    Seq last_seq{};
    MemberRow self;
    std::optional<std::size_t> writer{};  ///< Of the version, while the life is not known.
    std::uint32_t life{0};                ///< 0: nobody knows.
    bool is_hot{false};
  };

  void note(const ConversationRow& conversation, const MemberRow& self, std::uint32_t life);
  Head* find_hot(ConversationId conversation);
  Result<bool> find_life_of(Head& head);
  static std::string ask(char kind, const Head& head, std::initializer_list<std::int64_t> more);
  static std::string ask_for_page(const Head& head, Seq from, Seq to, int limit, Order order);
  Result<std::vector<Message>> open(Seq from, Seq to, int limit, Order order);

  template <class T, class Load, class Decode>
  Result<T> share(const Head& head, const std::string& question, Load load, Decode decode);
  template <class Load>
  Result<std::vector<MemberRow>> share_members(Head& head, const std::string& question, Load load);

  SharedReads& shared_;
  std::map<ConversationId, Head> heads_;
  std::optional<ConversationId> opening_;  ///< Of the part below.
  SharedLoads::Part opening_part_;
  bool is_opened_elsewhere_{false};  ///< Somebody is about to read what this read expects.
};

}  // namespace msg
