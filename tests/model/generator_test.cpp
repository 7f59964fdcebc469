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
  const std::string name = first_word(description);
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

class FixedSequences : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const std::uint64_t seed : kFixedSeeds) {
      Rehearsal rehearsal(seed);
      for (int i = 0; i < kFixedSteps; ++i) {
        const auto [description, answer] = rehearsal.step();
        ++outcomes_[outcome(description, answer)];
        for (const char* trait : {" missing #", " and more members", " more cursor", " end prev",
                                  " more prev", " more start", " state read", " former "}) {
          if (answer.contains(trait)) ++outcomes_[first_word(description) + ":" + trait];
        }
      }
      look_at(rehearsal.model());
    }
  }

  static void look_at(const Model& model) {
    for (const auto& [id, room] : model.rooms()) {
      messages_max_ = std::max(messages_max_, room.messages.size());
      std::set<UserId> senders;
      for (const auto& message : room.messages) senders.insert(message.sender);
      senders_max_ = std::max(senders_max_, senders.size());
      for (const auto& [user, member] : room.members) {
        receipts_max_ = std::max(receipts_max_, member.delivered.size());
      }
    }
  }

  static inline std::map<std::string, int> outcomes_;
  static inline std::size_t messages_max_{0};
  static inline std::size_t senders_max_{0};
  static inline std::size_t receipts_max_{0};
};

TEST_F(FixedSequences, LetEveryOperationSucceedOften) {
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
                           "LoadMessage",
                           "History",
                           "Mark",
                           "LoadStatus",
                           "ListRecipients",
                           "Sync",
                           "SyncPosition",
                           "CatchUp",
                           "Reopen"}) {
    EXPECT_GE(outcomes_[name], 10) << name;
  }
  EXPECT_GE(outcomes_["Send"], 1000);
  EXPECT_GE(outcomes_["History"], 400);
  EXPECT_GE(outcomes_["Sync"] + outcomes_["CatchUp"], 400);
}

TEST_F(FixedSequences, MeetEveryError) {
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
                            "LoadStatus permission_denied ",
                            "ListRecipients not_found message_id",
                            "ListConversations invalid_argument cursor",
                            "ListMembers permission_denied ",
                            "Sync invalid_argument cursor",
                            "Sync invalid_argument limit"}) {
    EXPECT_GE(outcomes_[error], 1) << error;
  }
}

TEST_F(FixedSequences, ReachTheEdgesOfPagesAndStructures) {
  for (const char* trait :
       {"History: more prev", "History: more start", "History: end prev", "History: state read",
        "ListConversations: end prev", "ListConversations: more prev", "ListMembers: more start",
        "ListRecipients: more start", "Sync: more cursor", "Sync: missing #",
        "Sync: and more members", "Sync: former ", "LoadConversation: former "}) {
    EXPECT_GE(outcomes_[trait], 1) << trait;
  }
  EXPECT_GT(messages_max_, 256u) << "several time marks in one conversation";
  EXPECT_GT(senders_max_, 8u) << "more senders than a head has room for";
  EXPECT_GT(receipts_max_, 32u) << "more receipts than are exact";
}

}  // namespace
}  // namespace msg::test
