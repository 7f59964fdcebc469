// SPDX-License-Identifier: Apache-2.0
// Each kind of damage that can be done to a file by SQL is found, and named without content.
#include "msg/maintenance.h"
#include "msg/messenger.h"
#include "unit/sqlite_fixture.h"

namespace msg::test {
namespace {

struct Damage {
  const char* name;
  const char* sql;
  const char* words;  ///< What some problem says.
  friend void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }
};

// In the SQL, :chat is the direct conversation, :group the group, :low the first of its users.
constexpr const char* kChat = "(SELECT id FROM conversation WHERE kind = 'direct')";
constexpr const char* kGroup = "(SELECT id FROM conversation WHERE kind = 'group')";
constexpr const char* kLow = "(SELECT min(id) FROM user_account)";

const Damage kDamages[] = {
    {"AMissingMessage", "DELETE FROM message WHERE conversation_id = :chat AND seq = 7",
     ": message 7 is missing"},
    {"MissingMessages", "DELETE FROM message WHERE conversation_id = :chat AND seq BETWEEN 7 AND 9",
     ": messages 7 to 9 are missing"},
    {"TheNewestMessage", "DELETE FROM message WHERE conversation_id = :chat AND seq = 200",
     "the head says that 200 is the newest message, it is 199"},
    {"AVersionThatFalls",
     "UPDATE message SET version = version - 5000000000 WHERE conversation_id = :chat AND seq = 5",
     "-5 has no higher version"},
    {"AVersionFromTheFuture",
     "UPDATE message SET version = version * 2 WHERE conversation_id = :chat AND seq = 5",
     "-5 has a version above the newest of the store"},
    {"AnUnknownKind",
     "UPDATE message SET kind = 'secret' WHERE conversation_id = :chat AND seq = 5",
     "-5 cannot be read"},
    {"AContentThatIsNoText",
     "UPDATE message SET content = CAST(x'ff41' AS TEXT) WHERE conversation_id = :chat AND seq = 5",
     "-5 has a content that is no text"},
    {"AnAnswerToTheFuture",
     "UPDATE message SET reply_to = 9 WHERE conversation_id = :chat AND seq = 5",
     "-5 answers a message that was not before it"},
    {"ASenderWhoIsNoMember",
     "UPDATE message SET sender = 5 WHERE conversation_id = :chat AND seq = 5",
     "-5 is of user 5, who never was a member"},
    {"ASenderCount", "UPDATE message SET sender = :low WHERE conversation_id = :chat AND seq = 6",
     "counted as the sender of 100 messages, there are 101"},
    {"AnUnreadCount",
     "UPDATE member SET sent_count_at_read = 3 WHERE conversation_id = :chat AND user_id = :low",
     "own messages up to 50 for granted"},
    {"TheActivity", "UPDATE conversation SET activity = activity - 1 WHERE id = :chat",
     "its activity is not that of its newest message"},
    {"TheMemberCount", "UPDATE conversation SET member_count = 9 WHERE id = :group",
     "the head counts 9 members, there are 3"},
    {"TheOwnerCount", "UPDATE conversation SET owner_count = 2 WHERE id = :group",
     "the head counts 2 owners, there are 1"},
    {"AMarkBeyondTheEnd",
     "UPDATE member SET delivered = 900 WHERE conversation_id = :chat AND user_id = :low",
     "message 900 was delivered to it, the newest it may read is 200"},
    {"MoreReadThanDelivered",
     "UPDATE member SET read = 60 WHERE conversation_id = :chat AND user_id = :low",
     "it read up to message 60, delivered is 50"},
    {"TheTimesOfAMark",
     "UPDATE member SET read = 49 WHERE conversation_id = :chat AND user_id = :low",
     "mark end at 50, the mark is 49"},
    {"AnEndlessFormerMember",
     "UPDATE member SET active = 0 WHERE conversation_id = :chat AND user_id = :low",
     "it is a former member, but reads without an end"},
    {"AMissingMember", "DELETE FROM member WHERE conversation_id = :chat AND user_id = :low",
     "its members are not the two users"},
    {"AMissingMembership",
     "DELETE FROM membership WHERE conversation_id = :chat AND user_id = :low",
     "is not found by its user's list"},
    {"AMembershipTooMany", "INSERT INTO membership VALUES (:low, 77, 1, 1, 0)",
     "conversation 77 in the list of user"},
    {"AMembershipOfNobody", "INSERT INTO membership VALUES (77, :chat, 1, 1, 0)",
     "there is no such user"},
    {"AMissingDirectEntry", "DELETE FROM direct", "is not found by its two users"},
    {"ADirectEntryElsewhere", "UPDATE direct SET conversation_id = 77",
     "leads to conversation 77, which does not exist"},
    {"AMissingPhone", "DELETE FROM user_phone WHERE user_id = :low",
     "is not found by its phone number"},
    {"APhoneTooMany", "INSERT INTO user_phone VALUES ('+14155559999', :low)",
     "the entry of a phone number leads to user"},
    {"AMissingUsername", "DELETE FROM username", "is not found by its username"},
    {"AMissingUser", "DELETE FROM user_account WHERE id = :low", "there is no such user"},
    {"AMissingToken", "DELETE FROM session_token", "is not found by its token"},
    {"AMissingSession", "DELETE FROM session", "the entry of a token leads to session"},
    {"ABlockKnownToOneOnly",
     "INSERT INTO side_record VALUES (16, :low, x'0000000000000005', NULL, x'02')",
     "is not known to the one who is blocked"},
    {"ABlockThatOnlyTheHeadKnows",
     "UPDATE conversation SET pins = x'02000100010101000000' WHERE kind = 'direct'",
     "who is not blocked"},
    {"AnUnreadableInvitation", "INSERT INTO side_record VALUES (18, :group, x'05', NULL, x'09')",
     "invitation: malformed"},
    {"AnUnreadableJoinRequest", "INSERT INTO side_record VALUES (19, :group, x'05', NULL, x'09')",
     "join request: malformed"},
    {"AMissingTimeMark", "DELETE FROM time_mark", "-128 has no time mark"},
    {"ATimeMarkTooMany", "INSERT INTO time_mark VALUES (:chat, 5, 1)", "leads to no message"},
    {"ATimeMarkElsewhere", "UPDATE time_mark SET seq = 127", "is not that of its message"},
    {"AMissingClientId", "DELETE FROM idempotency WHERE seq = 7",
     "-7 is not found by its client_id"},
    {"AClientIdElsewhere", "UPDATE idempotency SET seq = 8 WHERE seq = 7",
     "leads to message 8, which is not that one"},
    {"AMissingHead", "DELETE FROM conversation WHERE kind = 'direct'",
     "200 rows of messages were not looked at: there is no such conversation"},
    {"AnUnreadableHead", "UPDATE conversation SET kind = 'club' WHERE kind = 'direct'",
     "its head cannot be read"},
    {"AMissingMessageChange", "DELETE FROM message_change WHERE seq = 11",
     "-11 has no entry for its change"},
    {"AMessageChangeElsewhere", "UPDATE message_change SET seq = 12 WHERE seq = 11",
     "leads to message 12, which changed otherwise"},
    {"AMessageChangeTooMany",
     "INSERT INTO message_change SELECT :chat, version, 7 FROM message "
     "WHERE conversation_id = :chat AND seq = 7",
     "leads to message 7, which changed otherwise"},
    {"AMessageChangeFromTheFuture",
     "UPDATE message_change SET version = version * 2 WHERE seq = 11",
     "has a version above the newest of the store"},
    {"TheHeadsLastChange", "UPDATE conversation SET changes = 0 WHERE id = :chat",
     "its last change is not that of a message"},
    {"AnEditByNobody", "DELETE FROM revision WHERE seq = 11",
     "-11 was changed, but not by whom is known"},
    {"RevisionsOfNoMessage",
     "INSERT INTO revision SELECT :chat, 900, revisions FROM revision WHERE seq = 11",
     "-900 has no message"},
    {"RevisionsElsewhere", "UPDATE revision SET seq = 13 WHERE seq = 11",
     "-13 does not end where the message is"},
    {"UnreadableRevisions", "UPDATE revision SET revisions = x'01ff' WHERE seq = 11",
     "-11 cannot be read: revisions"},
    {"ADeletedMessageWithContent", "UPDATE message SET content = 'the content' WHERE seq = 21",
     "-21 is deleted, its content is not"},
    {"AChangeOfNoVersion", "UPDATE message SET changed = NULL WHERE seq = 21",
     "-21 was changed, and does not say by which version"},
    {"AReactionThatIsNotCounted", "DELETE FROM annotation WHERE seq = 11",
     "-11 counts other reactions than its members gave"},
    {"AnAnnotationOfNoMessage",
     "INSERT INTO annotation SELECT :chat, 900, user_id, annotation FROM annotation",
     "-900 has no message"},
    {"AnUnreadableAnnotation", "UPDATE annotation SET annotation = x'09'", "annotation: malformed"},
    {"UnreadableExtras", "UPDATE message SET extras = x'0100' WHERE seq = 11",
     "extras of a message: malformed"},
    {"UnreadableExtrasOfAMember", "UPDATE member SET extras = x'ff' WHERE conversation_id = :chat",
     "extras of a member: malformed"},
    {"APinThatIsNotListed", "UPDATE conversation SET pins = NULL WHERE id = :chat",
     "lists other pins than its messages have"},
    {"AConversationWithoutWriterRuns",
     "INSERT INTO writer SELECT 3, last_version FROM meta; "
     "INSERT INTO writer_run VALUES (:group, 0, 3)",
     "its head cannot be read: no writer run says who gave it its version"},
    {"AMissingFirstWriterRun",
     "INSERT INTO writer SELECT 3, last_version FROM meta; "
     "INSERT INTO writer_run SELECT :group, 0, 3; INSERT INTO writer_run SELECT "
     "conversation_id, version, 3 FROM message WHERE conversation_id = :chat AND seq = 7",
     "-6 cannot be read: no writer run says who gave it its version"},
    {"AnUnknownWriter",
     "INSERT INTO writer SELECT 3, last_version FROM meta; "
     "INSERT INTO writer_run SELECT id, 0, CASE kind WHEN 'group' THEN 3 ELSE 99 END "
     "FROM conversation",
     "its head cannot be read: unknown writer"},
    {"ALastVersionGoneBack", "UPDATE meta SET last_version = 1",
     "its version is above the newest of the store"},
};

class CheckFile : public SqliteFixture, public testing::WithParamInterface<Damage> {
 protected:
  CheckFile() {
    const auto messenger = must(msg::open(url()));
    const auto alice = person(*messenger, 1);
    const auto bob = person(*messenger, 2);
    const auto carol = person(*messenger, 3);
    const auto chat = must(messenger->open_direct(alice.id, bob.id)).id;
    NewGroup group;
    group.title = "Group";
    group.users = {bob.id, carol.id};
    must(messenger->create_group(alice.id, group));
    must(messenger->create_session(alice.id, "laptop"));
    must(messenger->create_api_key("backend"));
    std::vector<Draft> drafts(200);
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      drafts[i].conversation = chat;
      drafts[i].sender = i % 2 == 0 ? alice.id : bob.id;
      drafts[i].content = "the content";
      drafts[i].client_id = "client " + std::to_string(i);
    }
    for (auto& sent : messenger->send_many(drafts)) must(std::move(sent));
    must(messenger->mark(alice.id, {chat, MessageState::read, Seq{50}}));
    must(messenger->edit(alice.id, {.message = {chat, Seq{11}}, .content = "the content!"}));
    must(messenger->delete_for_everyone(alice.id, {chat, Seq{21}}));
    must(messenger->react(alice.id, {{chat, Seq{11}}, "👍"}));
    must(messenger->pin(alice.id, {chat, Seq{12}}));
  }

  std::string url() const { return "sqlite:" + path_; }
  static User person(Messenger& messenger, int number) {
    NewUser user;
    user.phone = "+1415555020" + std::to_string(number);
    user.username = "user" + std::to_string(number);
    return must(messenger.register_user(user));
  }
};

TEST_P(CheckFile, DamageIsFoundAndNamed) {
  ASSERT_EQ(must(check_store(url())).problem_count, 0);
  std::string script = GetParam().sql;
  for (const auto& [name, value] :
       {std::pair(":chat", kChat), std::pair(":group", kGroup), std::pair(":low", kLow)}) {
    for (auto at = script.find(name); at != std::string::npos; at = script.find(name, at)) {
      script.replace(at, std::string_view(name).size(), value);
    }
  }
  ASSERT_EQ(sql(path_, script), "");
  const auto report = must(check_store(url()));
  EXPECT_GT(report.problem_count, 0);
  EXPECT_THAT(report.problems, testing::Contains(testing::HasSubstr(GetParam().words)));
  for (const auto& problem : report.problems) {
    EXPECT_FALSE(problem.contains("the content")) << problem;
    EXPECT_FALSE(problem.contains("+1415")) << problem;
    EXPECT_FALSE(problem.contains("client 6")) << problem;
  }
}

INSTANTIATE_TEST_SUITE_P(Sqlite, CheckFile, testing::ValuesIn(kDamages),
                         [](const auto& tested) { return tested.param.name; });

using CheckSqlite = SqliteFixture;

TEST_F(CheckSqlite, AStoreThatIsNotThereIsNotMade) {
  EXPECT_TRUE(refuses(check_store("sqlite:" + path_), Code::not_found, "no store"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(CheckSqlite, ProblemsAreCountedBeyondThoseInWords) {
  {
    const auto messenger = must(msg::open("sqlite:" + path_));
    for (int i = 0; i < 20; ++i) {
      NewUser user;
      user.phone = "+14155550" + std::to_string(200 + i);
      must(messenger->register_user(user));
    }
  }
  sql(path_, "DELETE FROM user_phone");
  CheckOptions options;
  options.problems_max = 3;
  const auto report = must(check_store("sqlite:" + path_, options));
  EXPECT_EQ(report.problem_count, 20);
  EXPECT_EQ(report.problems.size(), 3u);
}

TEST_F(CheckSqlite, AnIndexThatDoesNotFitItsTableIsFoundBySqlite) {
  {
    const auto messenger = must(msg::open("sqlite:" + path_));
    const auto user = [&](const char* phone) {
      NewUser wanted;
      wanted.phone = phone;
      return must(messenger->register_user(wanted)).id;
    };
    const auto alice = user("+14155550201");
    const auto bob = user("+14155550202");
    must(messenger->open_direct(alice, bob));
  }
  // The entries of the index become those of another order of columns.
  sql(path_,
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
      "'CREATE INDEX member_version ON member (conversation_id, joined_at)' "
      "WHERE name = 'member_version'");
  const auto report = must(check_store("sqlite:" + path_));
  EXPECT_THAT(report.problems, testing::Contains(testing::HasSubstr("member_version")));
}

TEST_F(CheckSqlite, ADifferenceIsFoundAndNamed) {
  const std::string from = "sqlite:" + path_;
  const std::string copy = (directory_ / "copy.db").string();
  {
    const auto messenger = must(msg::open(from));
    NewUser user;
    user.phone = "+14155550201";
    const auto alice = must(messenger->register_user(user)).id;
    const auto notes = must(messenger->open_direct(alice, alice)).id;
    for (int i = 0; i < 3; ++i) {
      Draft draft;
      draft.conversation = notes;
      draft.sender = alice;
      draft.content = "x";
      must(messenger->send(draft));
    }
  }
  CopyOptions options;
  options.verify = true;
  EXPECT_EQ(must(copy_store(from, "sqlite:" + copy, options)).difference_count, 0);
  sql(copy,
      "UPDATE message SET content = 'y' WHERE seq = 2; DELETE FROM message WHERE seq = 3;"
      "INSERT INTO user_phone VALUES ('+14155550299', 5)");
  const auto report = must(copy_store(from, "sqlite:" + copy, options));
  EXPECT_EQ(report.difference_count, 3);
  EXPECT_THAT(report.differences,
              testing::UnorderedElementsAre(
                  testing::HasSubstr("-2 is not the same in both"),
                  testing::HasSubstr("-3 is missing in the target"),
                  testing::HasSubstr("the entry of a phone number is in the target only")));
}

}  // namespace
}  // namespace msg::test
