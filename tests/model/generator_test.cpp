// SPDX-License-Identifier: Apache-2.0
// A comparison is worth what its sequences reach: these make sure that they reach the corners.
#include "model/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/player.h"

namespace msg::test {
namespace {

/// The model alone, through a sequence.
class Rehearsal {
 public:
  explicit Rehearsal(std::uint64_t seed)
      : options_(make_options(seed)), generator_(seed, model_, player_.cursors()) {}

  /// What was asked and answered.
  std::pair<std::string, std::string> step() {
    const Step step = generator_.next();
    now_ += step.clock;
    return {describe(step.operation), player_.play(step.operation).text};
  }
  const Model& model() const { return model_; }

 private:
  Options make_options(std::uint64_t seed) {
    Options options{.limits = limits_for(seed)};
    options.clock = [this] { return now_; };
    return options;
  }

  Time now_{kStart};
  const Options options_;
  Model model_{options_};
  Player<Model> player_{model_};
  Generator generator_;
};

std::string first_word(const std::string& text) {
  return text.substr(0, text.find(' '));
}

/// "Send" for a success, "Send conflict title" for an error.
std::string outcome(const std::string& description, const std::string& answer) {
  static const std::string kError = " error ";
  const auto at = answer.find(kError);
  std::string name = first_word(description);
  if (at == std::string::npos) return name;
  const auto from = at + kError.size();
  std::string error = answer.substr(from, answer.find('\n', from) - from);
  std::erase(error, '"');
  error.replace(error.find(" at "), 4, " ");
  return name + ' ' + error;
}

TEST(Generator, TheSameSeedGivesTheSameSequence) {
  Rehearsal one(7);
  Rehearsal other(7);
  Rehearsal third(8);
  bool differs = false;
  for (int i = 0; i < 300; ++i) {
    const auto step = one.step();
    ASSERT_EQ(step, other.step());
    differs = differs || step != third.step();
  }
  EXPECT_TRUE(differs);
}

/// What all the fixed sequences together come to.
struct Reached {
  std::map<std::string, int> outcomes;
  std::size_t messages_max{0};  ///< In one conversation, and so on.
  std::size_t senders_max{0};
  std::size_t receipts_max{0};
  std::size_t revisions_max{0};
};

void look_at(Reached& reached, const Model& model) {
  for (const auto& [id, room] : model.rooms()) {
    reached.messages_max = std::max(reached.messages_max, room.messages.size());
    std::set<UserId> senders;
    for (const auto& message : room.messages) senders.insert(message.sender);
    reached.senders_max = std::max(reached.senders_max, senders.size());
    for (const auto& [seq, revisions] : room.revisions) {
      reached.revisions_max = std::max(reached.revisions_max, revisions.size());
    }
    for (const auto& [user, member] : room.members) {
      reached.receipts_max = std::max(reached.receipts_max, member.delivered.size());
    }
  }
}

Reached rehearse_all() {
  Reached reached;
  for (const std::uint64_t seed : kFixedSeeds) {
    Rehearsal rehearsal(seed);
    for (int i = 0; i < kFixedSteps; ++i) {
      const auto [description, answer] = rehearsal.step();
      ++reached.outcomes[outcome(description, answer)];
      for (const char* trait :
           {" missing #", " and more members", " more cursor", " end prev", " more prev",
            " more start", " state read", " former ", " stale #", " deleted "}) {
        if (answer.contains(trait)) ++reached.outcomes[first_word(description) + ":" + trait];
      }
    }
    look_at(reached, rehearsal.model());
  }
  return reached;
}

Reached& reached() {
  static Reached all = rehearse_all();
  return all;
}

TEST(FixedSequences, LetEveryOperationSucceedOften) {
  for (const char* name : {"RegisterUser",
                           "LoadUser",
                           "LoadUserByPhone",
                           "LoadUserByUsername",
                           "UpdateUser",
                           "ListUsers",
                           "OpenDirect",
                           "FindDirect",
                           "CreateGroup",
                           "LoadConversation",
                           "ListConversations",
                           "RenameGroup",
                           "AddMember",
                           "RemoveMember",
                           "ChangeRole",
                           "ListMembers",
                           "Send",
                           "EditMessage",
                           "DeleteMessage",
                           "React",
                           "PinMessage",
                           "ListRevisions",
                           "LoadMessage",
                           "History",
                           "Mark",
                           "MarkAllRead",
                           "MarkUnread",
                           "ListReceipts",
                           "LoadStatus",
                           "ListRecipients",
                           "Sync",
                           "SyncPosition",
                           "CatchUp",
                           "Reopen"}) {
    EXPECT_GE(reached().outcomes[name], 10) << name;
  }
  EXPECT_GE(reached().outcomes["Send"], 1000);
  EXPECT_GE(reached().outcomes["History"], 400);
  EXPECT_GE(reached().outcomes["Sync"] + reached().outcomes["CatchUp"], 400);
}

TEST(FixedSequences, MeetEveryError) {
  for (const char* error : {"RegisterUser invalid_argument phone",
                            "RegisterUser invalid_argument username",
                            "RegisterUser conflict phone",
                            "RegisterUser conflict username",
                            "UpdateUser conflict phone",
                            "UpdateUser conflict username",
                            "LoadUser not_found user_id",
                            "OpenDirect not_found user_id",
                            "CreateGroup not_found user_id",
                            "RenameGroup permission_denied ",
                            "RenameGroup conflict ",
                            "AddMember conflict ",
                            "AddMember permission_denied ",
                            "AddMember not_found user_id",
                            "AddMember not_found conversation_id",
                            "RemoveMember conflict ",
                            "RemoveMember permission_denied ",
                            "ChangeRole conflict ",
                            "ChangeRole permission_denied ",
                            "ChangeRole not_found user_id",
                            "Send invalid_argument content",
                            "Send invalid_argument client_id",
                            "Send invalid_argument kind",
                            "Send invalid_argument reply_to",
                            "Send invalid_argument timestamp",
                            "Send idempotency_conflict client_id",
                            "Send permission_denied ",
                            "Send not_found conversation_id",
                            "EditMessage invalid_argument content",
                            "EditMessage permission_denied ",
                            "EditMessage conflict ",
                            "EditMessage not_found message_id",
                            "React invalid_argument emoji",
                            "React not_found message_id",
                            "React permission_denied ",
                            "React conflict ",
                            "PinMessage permission_denied ",
                            "PinMessage conflict ",
                            "PinMessage not_found message_id",
                            "DeleteMessage permission_denied ",
                            "DeleteMessage conflict ",
                            "LoadMessage not_found message_id",
                            "History invalid_argument cursor",
                            "History invalid_argument limit",
                            "History invalid_argument before",
                            "History invalid_argument after",
                            "History invalid_argument from",
                            "History not_found conversation_id",
                            "Mark invalid_argument seq",
                            "Mark invalid_argument state",
                            "Mark permission_denied ",
                            "MarkUnread invalid_argument seq",
                            "MarkUnread permission_denied ",
                            "ListReceipts not_found message_id",
                            "LoadStatus permission_denied ",
                            "ListRecipients not_found message_id",
                            "ListConversations invalid_argument cursor",
                            "ListMembers permission_denied ",
                            "Sync invalid_argument cursor",
                            "Sync invalid_argument limit"}) {
    EXPECT_GE(reached().outcomes[error], 1) << error;
  }
}

TEST(FixedSequences, ReachTheEdgesOfPagesAndStructures) {
  for (const char* trait :
       {"History: more prev", "History: more start", "History: end prev", "History: state read",
        "ListConversations: end prev", "ListConversations: more prev", "ListMembers: more start",
        "ListRecipients: more start", "Sync: more cursor", "Sync: missing #", "Sync: stale #",
        "History: deleted ", "Sync: and more members", "Sync: former ",
        "LoadConversation: former "}) {
    EXPECT_GE(reached().outcomes[trait], 1) << trait;
  }
  EXPECT_GT(reached().messages_max, 256u) << "several time marks in one conversation";
  EXPECT_GT(reached().senders_max, 8u) << "more senders than a head has room for";
  EXPECT_GT(reached().receipts_max, 32u) << "more receipts than are exact";
  EXPECT_GT(reached().revisions_max, kRevisionsMax) << "more revisions than are kept";
}

}  // namespace
}  // namespace msg::test
