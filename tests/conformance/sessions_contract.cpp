// SPDX-License-Identifier: Apache-2.0
// How long sessions last, what becomes of them, and tickets that stand for them once.
#include "msg/sessions.h"

#include "conformance/contract.h"

namespace msg::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class SessionsContract : public Contract {
 protected:
  bool is_good(const std::string& token) { return messenger_->authenticate(token).has_value(); }
};

TEST_P(SessionsContract, SessionsEndWhenUnusedAndWhenOld) {
  const auto user = add_user("ada");
  const auto idle = must(messenger_->create_session(user.id, "idle"));
  const auto used = must(messenger_->create_session(user.id, "used"));
  Sessions sessions(*messenger_);
  // Nobody waits for the use to be noted; a commit that follows does.
  const auto use = [&](int day) {
    advance(hours(24));
    ASSERT_TRUE(is_good(used.token)) << day;
    must(sessions.rename(user.id, used.session.id, "used"));
  };
  for (int day = 0; day < 29; ++day) use(day);
  EXPECT_EQ(must(messenger_->list_sessions(user.id)).size(), 2);
  advance(hours(24));
  EXPECT_FALSE(is_good(idle.token));
  EXPECT_EQ(must(messenger_->list_sessions(user.id)).size(), 1);
  for (int day = 30; day < 179; ++day) use(day);
  advance(hours(24));
  EXPECT_FALSE(is_good(used.token));
  Principal principal;
  principal.session = used.session;
  EXPECT_TRUE(refuses(sessions.refresh(principal), Code::unauthenticated));
}

TEST_P(SessionsContract, SessionsAreRenamedAndAllOthersRevoked) {
  Sessions sessions(*messenger_);
  const auto user = add_user("ada");
  const auto other = add_user("bob");
  const auto phone = must(messenger_->create_session(user.id, "Phone"));
  const auto desk = must(messenger_->create_session(user.id, "Desk"));
  const auto foreign = must(messenger_->create_session(other.id, "Phone"));
  EXPECT_EQ(must(sessions.rename(user.id, desk.session.id, "Desk 2")).device_name, "Desk 2");
  EXPECT_EQ(must(messenger_->list_sessions(user.id)).back().device_name, "Desk 2");
  EXPECT_EQ(must(messenger_->authenticate(desk.token)).session->device_name, "Desk 2");
  EXPECT_TRUE(refuses(sessions.rename(other.id, desk.session.id, "x"), Code::not_found));
  EXPECT_TRUE(refuses(sessions.rename(user.id, desk.session.id, std::string(65, 'x')),
                      Code::invalid_argument, "device_name"));
  EXPECT_THAT(must(sessions.revoke_others(phone.session)), testing::ElementsAre(desk.session.id));
  EXPECT_FALSE(is_good(desk.token));
  EXPECT_TRUE(is_good(phone.token));
  EXPECT_TRUE(is_good(foreign.token));
}

TEST_P(SessionsContract, ATicketOpensOnceWithinHalfAMinute) {
  Sessions sessions(*messenger_);
  const auto user = add_user("ada");
  const auto session = must(messenger_->create_session(user.id, "Phone"));
  const auto ticket = must(sessions.create_ticket(session.session));
  EXPECT_EQ(must(sessions.redeem_ticket(ticket.ticket)).session->id, session.session.id);
  EXPECT_TRUE(refuses(sessions.redeem_ticket(ticket.ticket), Code::unauthenticated));
  const auto late = must(sessions.create_ticket(session.session));
  const auto ended = must(sessions.create_ticket(session.session));
  EXPECT_EQ(late.expires_at, now() + seconds(30));
  EXPECT_FALSE(is_good(late.ticket)) << "it is no token";
  must(messenger_->revoke_session(user.id, session.session.id));
  EXPECT_TRUE(refuses(sessions.redeem_ticket(ended.ticket), Code::unauthenticated));
  advance(seconds(30));
  EXPECT_TRUE(refuses(sessions.redeem_ticket(late.ticket), Code::unauthenticated));
  EXPECT_TRUE(refuses(sessions.redeem_ticket("mst_"), Code::unauthenticated));
}

MSG_FOR_EACH_BACKEND(SessionsContract);

}  // namespace
}  // namespace msg::test
