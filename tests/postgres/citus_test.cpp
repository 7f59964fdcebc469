// SPDX-License-Identifier: Apache-2.0
// Messages spread over the machines of a Citus: how that is done and undone, and what it makes of
// each statement. Only where
// MSG_TEST_CITUS_URL names one; the suites that run over every backend run over it, too.
#include "support/citus.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "msg/maintenance.h"
#include "postgres/fixture.h"
#include "store/postgres/placement.h"
#include "store/postgres/statements.h"

namespace msg::test {
namespace {

using postgres::Reach;
using postgres::Sql;

/// Values of any type, for EXECUTE.
std::string values_for(const std::string& text) {
  std::string values;
  for (int i = 1; text.contains("$" + std::to_string(i) + "::"); ++i) {
    const std::string parameter = "$" + std::to_string(i) + "::";
    values += values.empty() ? "(" : ", ";
    if (text.contains(parameter + "int8[]")) {
      values += "'{1,2,7}'";
    } else if (text.contains(parameter + "bool[]")) {
      values += "'{t,t,t}'";
    } else if (std::regex_search(text, std::regex("\\$" + std::to_string(i) + "::\\w+\\[\\]"))) {
      values += "'{1,2,3}'";
    } else {
      values += "'1'";
    }
  }
  return values.empty() ? values : values + ")";
}

/// What each commit in two phases leaves a row of, for a minute at least.
std::set<std::string> prepared_transactions() {
  std::istringstream names(ForeignSession(Citus::named_by_environment()->url())
                               .query("SELECT string_agg(gid, ' ') FROM pg_dist_transaction"));
  return {std::istream_iterator<std::string>(names), {}};
}

int shards_asked(const std::string& plan) {
  int most = 0;
  const std::regex count(R"("Task Count": (\d+))");
  for (std::sregex_iterator it(plan.begin(), plan.end(), count), end; it != end; ++it) {
    most = std::max(most, std::stoi((*it)[1]));
  }
  return most;
}

bool has_a_plan(const std::string& text) {
  constexpr std::array kWords{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"};
  return std::ranges::any_of(kWords, [&](const char* word) { return text.starts_with(word); });
}

class CitusGrowth : public Postgres, public testing::WithParamInterface<std::string> {};

TEST_P(CitusGrowth, AStoreWithMessagesIsSpreadAndBroughtBack) {
  const auto& citus = *Citus::named_by_environment();
  url_ = citus.make_schema("growth");
  const auto problems = [&] { return must(check_store(url_)).problems; };
  UserId alice{};
  UserId bob{};
  ConversationId chat{};
  std::string cursor;
  {
    const auto node = open_node(0);
    alice = add_user(*node, "alice").id;
    bob = add_user(*node, "bob").id;
    chat = must(node->open_direct(alice, bob)).id;
    for (int i = 1; i <= 300; ++i) send(*node, alice, chat, std::to_string(i), std::to_string(i));
    cursor = must(node->sync(bob, {})).cursor;
  }
  const auto go_on = [&](int from) {
    const auto node = open_node(0);
    EXPECT_EQ(send(*node, alice, chat, "1", "1").id.seq, Seq{1}) << "sent before";
    EXPECT_EQ(send(*node, alice, chat, "more", "more" + std::to_string(from)).id.seq, Seq{from});
    const auto page = must(node->sync(bob, {.cursor = cursor}));
    ASSERT_EQ(page.conversations.size(), 1u);
    ASSERT_EQ(page.conversations[0].messages.size(), 1u);
    EXPECT_EQ(page.conversations[0].messages[0].id.seq, Seq{from});
    cursor = page.cursor;
    EXPECT_EQ(must(node->load_message(bob, {chat, Seq{150}})).content, "150");
  };
  citus.spread("growth");
  EXPECT_EQ(problems(), std::vector<std::string>{});
  go_on(301);
  EXPECT_EQ(problems(), std::vector<std::string>{});
  citus.gather("growth");
  go_on(302);
  EXPECT_EQ(problems(), std::vector<std::string>{});
}

/// One in one phase is done on the other machine first, and may be there alone.
TEST_P(CitusGrowth, EachChangeIsCommittedInTwoPhases) {
  const auto& citus = *Citus::named_by_environment();
  url_ = citus.make_schema("phases");
  open_node(0);
  citus.spread("phases");
  const auto node = open_node(0);
  const UserId alice = add_user(*node, "alice").id;
  const UserId bob = add_user(*node, "bob").id;
  const ConversationId chat = must(node->open_direct(alice, bob)).id;
  const auto is_in_two = [](const char* what, const auto& change) {
    const auto before = prepared_transactions();
    must(change());
    const auto after = prepared_transactions();
    EXPECT_FALSE(std::ranges::includes(before, after)) << what;
  };
  const MessageId id{chat, Seq{1}};
  is_in_two("send", [&] { return node->send(draft(alice, chat, "x", "x")); });
  is_in_two("edit", [&] { return node->edit(alice, {id, "y"}); });
  is_in_two("react", [&] { return node->react(bob, {id, "👍"}); });
  is_in_two("take back", [&] { return node->remove_reaction(bob, {id, "👍"}); });
  is_in_two("hide", [&] { return node->delete_for_me(bob, id); });
  is_in_two("delete", [&] { return node->delete_for_everyone(alice, id); });
}

class CitusPlans : public testing::TestWithParam<std::string> {
 protected:
  CitusPlans()
      : url_(Citus::named_by_environment()->make_schema("plans")),
        session_(url_.substr(0, url_.find("&msg_"))) {
    must(open(url_));
    Citus::named_by_environment()->spread("plans");
  }

  std::string plan_of(const std::string& text) {
    session_.query("PREPARE asked AS " + text);
    auto plan = session_.query("EXPLAIN (FORMAT JSON) EXECUTE asked" + values_for(text));
    session_.query("DEALLOCATE asked");
    return plan;
  }

 private:
  std::string url_;
  ForeignSession session_;
};

TEST_P(CitusPlans, EachHotStatementAsksWhomThePlanSays) {
  int on_one_shard = 0;
  for (std::size_t i = 0; i < postgres::kSqlCount; ++i) {
    const auto statement = static_cast<Sql>(i);
    const std::string text = postgres::text_of(statement);
    if (is_scan(statement) || !has_a_plan(text)) continue;
    const Reach reach = postgres::reach_of(text);
    const std::string plan = plan_of(text);
    if (reach == Reach::coordinator) {
      EXPECT_EQ(shards_asked(plan), 0) << text << plan;
    } else if (reach == Reach::one_shard) {
      EXPECT_EQ(shards_asked(plan), 1) << text << plan;
      ++on_one_shard;
    }
  }
  EXPECT_GT(on_one_shard, 10);
  // That it would be seen.
  EXPECT_GT(shards_asked(plan_of("SELECT seq FROM message WHERE seq = $1::int8")), 1);
}

std::vector<std::string> named() {
  const auto& citus = Citus::named_by_environment();
  return citus ? std::vector{std::string("named")} : std::vector<std::string>{};
}

INSTANTIATE_TEST_SUITE_P(Citus, CitusGrowth, testing::ValuesIn(named()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CitusGrowth);
INSTANTIATE_TEST_SUITE_P(Citus, CitusPlans, testing::ValuesIn(named()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CitusPlans);

}  // namespace
}  // namespace msg::test
