// SPDX-License-Identifier: Apache-2.0
#include "msgctl/cli_builder.h"

namespace msgctl {
namespace {

void add_group_id(CLI::App& command, std::string& group) {
  command.add_option("GROUP_ID", group, "From group new or conversations")->required();
}

void add_who(CLI::App& command, std::string& who) {
  command.add_option("WHO", who, "Id, phone number or username")->required();
}

void add_rules(Builder& build, CLI::App& group) {
  build.add<RulesCommand, Rules>(
      group, "rules", "Show who may do what in a group, or change it",
      "  msgctl group rules --as alice 7261430912345070\n"
      "  msgctl group rules --as alice 7261430912345070 --send admin       only announcements\n"
      "  msgctl group rules --as alice 7261430912345070 --slow-mode 30 --history yes",
      [](CLI::App& c, Rules& one) {
        const auto add_role = [&](const char* flag, std::string& role, const char* what) {
          c.add_option(flag, role, what)->check(CLI::IsMember({"member", "admin", "owner"}));
        };
        add_group_id(c, one.group);
        add_role("--send", one.send, "The least role that sends");
        add_role("--add", one.add, "... that adds and invites others");
        add_role("--rename", one.rename, "... that renames the group");
        add_role("--pin", one.pin, "... that pins messages");
        c.add_option("--slow-mode", one.slow_mode, "Seconds between two messages of a member")
            ->check(CLI::NonNegativeNumber);
        c.add_option("--history", one.history, "Whether newcomers read what was said before")
            ->check(CLI::IsMember({"yes", "no"}));
        c.add_option("--members-max", one.members_max, "0: as many as the server allows")
            ->check(CLI::NonNegativeNumber);
      });
}

void add_invitations(Builder& build, CLI::App& group) {
  build.add<RulesCommand, Invite>(
      group, "invite", "Make an invitation with which others join; prints its token",
      "  msgctl group invite --as alice 7261430912345070 --lifetime 86400 --uses 10",
      [](CLI::App& c, Invite& one) {
        add_group_id(c, one.group);
        c.add_option("--lifetime", one.lifetime, "Seconds; without: until revoked")
            ->check(CLI::PositiveNumber);
        c.add_option("--uses", one.uses, "How many may use it; without: any number")
            ->check(CLI::PositiveNumber);
        c.add_flag("--approval", one.approval, "Whoever uses it asks, and is let in or not");
      });
  build.add<RulesCommand, Invitations>(
      group, "invitations", "List the invitations that still work",
      "  msgctl group invitations --as alice 7261430912345070",
      [](CLI::App& c, Invitations& one) { add_group_id(c, one.group); });
  build.add<RulesCommand, InvitationRevoke>(
      group, "revoke", "End an invitation", "  msgctl group revoke --as alice mil_...",
      [](CLI::App& c, InvitationRevoke& one) {
        c.add_option("TOKEN", one.token, "From group invite")->required();
      });
  build.add<RulesCommand, Join>(
      group, "join", "Join by an invitation, or ask to", "  msgctl group join --as dora mil_...",
      [](CLI::App& c, Join& one) {
        c.add_option("TOKEN", one.token, "What was given to you")->required();
      });
}

void add_requests(Builder& build, CLI::App& group) {
  build.add<RulesCommand, JoinRequests>(
      group, "requests", "List who asks to join",
      "  msgctl group requests --as alice 7261430912345070",
      [](CLI::App& c, JoinRequests& one) { add_group_id(c, one.group); });
  const auto add_answer = [&](const char* name, const char* what, const char* example,
                              bool let_in) {
    build.add<RulesCommand, JoinAnswer>(group, name, what, example,
                                        [let_in](CLI::App& c, JoinAnswer& one) {
                                          one.let_in = let_in;
                                          add_group_id(c, one.group);
                                          add_who(c, one.who);
                                        });
  };
  add_answer("accept", "Let somebody in who asks to join",
             "  msgctl group accept --as alice 7261430912345070 dora", true);
  add_answer("decline", "Do not let them in",
             "  msgctl group decline --as alice 7261430912345070 dora", false);
}

void add_between_users(Builder& build, CLI::App& app) {
  build.add<RulesCommand, Accept>(
      app, "accept", "Accept the direct conversation that somebody began",
      "  msgctl accept --as bob alice", [](CLI::App& c, Accept& one) { add_who(c, one.who); });
  build.add<RulesCommand, BlockUser>(
      app, "block", "Have nothing to do with somebody: no messages either way",
      "  msgctl block --as alice bob", [](CLI::App& c, BlockUser& one) { add_who(c, one.who); });
  build.add<RulesCommand, UnblockUser>(app, "unblock", "Take that back",
                                       "  msgctl unblock --as alice bob",
                                       [](CLI::App& c, UnblockUser& one) { add_who(c, one.who); });
  build.add<RulesCommand, Blocks>(app, "blocks", "List whom you block",
                                  "  msgctl blocks --as alice", [](CLI::App&, Blocks&) {});
}

}  // namespace

void add_rules_commands(Builder& build, CLI::App& app, CLI::App& group) {
  add_rules(build, group);
  add_invitations(build, group);
  add_requests(build, group);
  add_between_users(build, app);
}

}  // namespace msgctl
