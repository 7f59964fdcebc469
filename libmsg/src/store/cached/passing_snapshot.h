// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/forwarding_reads.h"

namespace msg {

/// Reads as another snapshot does, also what Snapshot could answer by asking itself: what is
/// overridden there is a trip fewer.
class PassingSnapshot : public ForwardingReads<Snapshot> {
 public:
  using ForwardingReads::ForwardingReads;

  Result<Horizon> horizon() override { return target().horizon(); }
  Result<std::vector<Standing>> list_standings(UserId user, ConversationId after,
                                               int limit) override {
    return target().list_standings(user, after, limit);
  }
  Result<std::vector<ListPlace>> list_places(UserId user, ConversationId after,
                                             int limit) override {
    return target().list_places(user, after, limit);
  }
  Result<std::optional<ListNews>> list_news(const Horizon& since) override {
    return target().list_news(since);
  }
  Result<Version> seen_version(ConversationId conversation, const Horizon& seen) override {
    return target().seen_version(conversation, seen);
  }
  const Horizon* origin() const override { return target().origin(); }
  Result<std::vector<WriterRun>> list_writer_runs(ConversationId conversation, Version up_to,
                                                  int limit) override {
    return target().list_writer_runs(conversation, up_to, limit);
  }
  Result<std::optional<Participation>> find_participation(ConversationId conversation,
                                                          UserId user) override {
    return target().find_participation(conversation, user);
  }
  Result<std::vector<std::optional<Participation>>> find_participations(
      std::span<const ConversationId> ids, UserId user) override {
    return target().find_participations(ids, user);
  }
  Result<std::vector<std::optional<Message>>> find_messages(
      std::span<const MessageId> ids) override {
    return target().find_messages(ids);
  }
  void expect_messages(ConversationId conversation, Seq from, Seq to, int limit,
                       Order order) override {
    target().expect_messages(conversation, from, to, limit, order);
  }
  Result<std::vector<LifeTags>> list_life_tags(std::span<const Horizon> horizons) override {
    return target().list_life_tags(horizons);
  }
};

}  // namespace msg
