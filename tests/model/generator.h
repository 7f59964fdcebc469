// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/dice.h"
#include "model/model.h"
#include "model/operation.h"

namespace msg::test {

/// Small ones, so that every bound is met, and others for each seed.
Limits limits_for(std::uint64_t seed);

/// Of the sequences that are played each time.
inline constexpr std::array<std::uint64_t, 3> kFixedSeeds{1, 2, 3};
inline constexpr int kFixedSteps = 2900;

/// Where every sequence begins.
inline constexpr Time kStart{std::chrono::milliseconds{1'800'000'000'000}};

/// Makes up what happens next from what there is: mostly what users do, sometimes what they may
/// not do, and sometimes nonsense. The same seed gives the same sequence, always and everywhere.
class Generator {
 public:
  /// `cursors` are those of the model's player, which tell what they are for.
  Generator(std::uint64_t seed, const Model& model, const std::vector<std::string>& cursors)
      : dice_(seed), limits_(limits_for(seed)), model_(model), cursors_(cursors) {}

  Step next();

 private:
  Operation make_operation();
  Operation make_user_operation();
  Operation make_group_operation();
  Operation make_change();
  Operation make_annotation(const MessageId& of);
  Operation make_read();
  Operation make_unread();
  Operation make_sync();
  std::chrono::milliseconds move_clock(bool is_reopening);

  RegisterUser register_user();
  UpdateUser update_user();
  CreateGroup create_group();
  Send send();
  Draft draft();
  Mark mark();
  History history();
  ListConversations list_conversations();
  void choose_dates(HistoryRequest& request);
  Sync sync();
  ListReceipts list_receipts(ConversationId in);

  bool has_rooms() const { return !model_.rooms().empty(); }
  UserId user();
  ConversationId room();
  const Room* find_room(ConversationId conversation) const;
  /// Mostly somebody who may.
  UserId actor_in(ConversationId conversation);
  UserId admin_in(ConversationId conversation);
  Seq seq_in(ConversationId conversation);
  Seq received_in(ConversationId conversation);
  Time time_in(ConversationId conversation);

  int limit();
  Paging paging(const std::string& list);
  CursorPlace cursor(const std::string& list);

  std::string phone();
  std::string username();
  /// A text of up to `max` characters; rarely one that is refused.
  std::string line(std::size_t max);
  std::string content();

  Dice dice_;
  const Limits limits_;
  const Model& model_;
  const std::vector<std::string>& cursors_;
  Time now_{kStart};
  Time latest_{kStart};
  Time reopened_{};
  std::int64_t texts_{0};
};

}  // namespace msg::test
