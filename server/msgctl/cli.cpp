// SPDX-License-Identifier: Apache-2.0
#include "msgctl/cli.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <utility>

#include "msgctl/cli_builder.h"

namespace msgctl {
namespace {

constexpr const char* kIntro =
    "msgctl, the command line of msgd: users, tokens, keys, messages, and chat in a terminal.";

constexpr const char* kOutro = R"(Start here:
  msgd --dev                                       a server with alice, bob and carol
  msgctl chat --as alice bob                       talk; a second terminal: chat --as bob alice
  msgctl send --as alice bob "Hello Bob"
  msgctl history --as bob alice

A server of your own:
  msgctl --store sqlite:chat.db key new --name backend    the first key, before msgd runs
  export MSG_KEY=msk_...
  msgctl user add --phone "+1 415 555 0100" --username dora
  export MSG_TOKEN=$(msgctl token new dora --device laptop)
  msgctl send bob "Hello"                          as dora

Stores, while no server has them open:
  msgctl check sqlite:chat.db                      is it whole?
  msgctl copy --from sqlite:chat.db --to rocksdb:chat --verify

Secrets given as flags can be seen by everybody on this machine, in the list of processes. Use
MSG_KEY and MSG_TOKEN, or --key-file and --token-file. MSG_URL names the server.

msg-data/dev-tokens.json, which msgd --dev writes, is used when it is there and --url is absent.

Exit codes: 0 done, 1 the server said no, 2 wrong usage, 3 no server answered.
"msgctl COMMAND --help" tells more, with examples.)";

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--ca-file", globals.ca_file,
                 "PEM file of the authorities to believe (MSG_CA_FILE)")
      ->type_name("FILE");
  app.add_option("--url", globals.url, "The server, default http://127.0.0.1:3000")
      ->type_name("URL");
  app.add_option("--as", globals.as, "The user to act as")->type_name("WHO");
  app.add_option("--key", globals.key, "An API key; better MSG_KEY")->type_name("msk_...");
  app.add_option("--key-file", globals.key_file, "A file with an API key")->type_name("FILE");
  app.add_option("--token", globals.token, "A session token; better MSG_TOKEN")
      ->type_name("mss_...");
  app.add_option("--token-file", globals.token_file, "A file with a session token")
      ->type_name("FILE");
  app.add_option("--dev-tokens", globals.dev_tokens, "Where msgd --dev wrote its tokens")
      ->type_name("FILE");
  app.add_option("--store", globals.store,
                 "Work on this store, which no server has open (users, tokens, keys)")
      ->type_name("sqlite:PATH");
  app.add_option("--timeout", globals.timeout_s, "Seconds to wait for an answer, default 10")
      ->check(CLI::Range(0.1, 3600.0))
      ->type_name("S");
  app.add_flag("--json", globals.json,
               "Machine-readable output, the objects of the HTTP interface");
}

void add_users(Builder& build) {
  CLI::App& user = build.group("user", "Add, list and show users");
  build.admin<UserAdd>(
      user, "add", "Register a user",
      "  msgctl user add --phone \"+1 415 555 0100\" --username dora --name \"Dora D.\"",
      [](CLI::App& c, UserAdd& one) {
        c.add_option("--phone", one.phone, "International, any usual spelling")->required();
        c.add_option("--username", one.username, "3 to 32 of a-z 0-9 _ .");
        c.add_option("--name", one.name, "What others see; default the username");
        c.add_option("--about", one.about, "A line about them");
      });
  build.admin<UserList>(
      user, "list", "List users, all unless limited",
      "  msgctl user list --limit 20\n  msgctl --store sqlite:chat.db user list",
      [](CLI::App& c, UserList& one) {
        c.add_option("--limit", one.limit, "At most so many")->check(CLI::PositiveNumber);
      });
  build.admin<UserShow>(user, "show", "Show one user",
                        "  msgctl user show alice\n  msgctl user show +14155550101\n"
                        "  msgctl user show 7261430912345088",
                        [](CLI::App& c, UserShow& one) {
                          c.add_option("WHO", one.who, "Id, phone number or username")->required();
                        });
}

void add_tokens(Builder& build) {
  CLI::App& token = build.group("token", "Make, list and revoke session tokens");
  const char* const who = "Id, phone number or username";
  build.admin<TokenNew>(token, "new",
                        "Make a token with which a device acts as a user; printed once",
                        "  export MSG_TOKEN=$(msgctl token new alice --device laptop)",
                        [who](CLI::App& c, TokenNew& one) {
                          c.add_option("WHO", one.who, who)->required();
                          c.add_option("--device", one.device, "What to call the device");
                        });
  build.admin<TokenList>(
      token, "list", "List the sessions of a user", "  msgctl token list alice",
      [who](CLI::App& c, TokenList& one) { c.add_option("WHO", one.who, who)->required(); });
  build.admin<TokenRevoke>(token, "revoke", "End a session: its token is void at once",
                           "  msgctl token revoke alice 7261430912345099",
                           [who](CLI::App& c, TokenRevoke& one) {
                             c.add_option("WHO", one.who, who)->required();
                             c.add_option("SESSION_ID", one.session, "From token list")->required();
                           });
}

void add_keys(Builder& build) {
  CLI::App& key = build.group("key", "Make, list and revoke API keys");
  build.admin<KeyNew>(
      key, "new", "Make a key for a backend; printed once",
      "  msgctl --store sqlite:chat.db key new --name backend   the first one, for everything\n"
      "  msgctl key new --name graphs --scope read_metrics      with another key",
      [](CLI::App& c, KeyNew& one) {
        c.alias("create");
        c.add_option("--name", one.name, "What it is for")->required();
        c.add_option("--scope", one.scopes,
                     "act_as_user, admin or read_metrics (repeatable); else all of its maker")
            ->check(CLI::IsMember({"act_as_user", "admin", "read_metrics"}));
      });
  build.admin<KeyList>(key, "list", "List the keys, without their secrets", "  msgctl key list",
                       [](CLI::App&, KeyList&) {});
  build.admin<KeyRevoke>(key, "revoke", "Make a key void at once",
                         "  msgctl key revoke 7261430912345011", [](CLI::App& c, KeyRevoke& one) {
                           c.add_option("KEY_ID", one.id, "From key list")->required();
                         });
}

void add_audit(Builder& build, CLI::App& app) {
  build.admin<AuditList>(
      app, "audit", "Who administered what, the newest first", "  msgctl audit --limit 50",
      [](CLI::App& c, AuditList& one) {
        c.add_option("--limit", one.limit, "At most so many")->check(CLI::PositiveNumber);
      });
}

void add_messages(Builder& build, CLI::App& app) {
  build.user<Send>(
      app, "send", "Send a message; prints its id",
      "  msgctl send --as alice bob \"Hello Bob\"\n"
      "  msgctl send --as alice --group 7261430912345070 \"Hello all\"\n"
      "  msgctl send --as alice bob \"once\" --client-id order-17   safe to repeat",
      [](CLI::App& c, Send& one) {
        c.add_option("WHO_TEXT", one.words, "The recipient (not with --group), then the text")
            ->required()
            ->expected(1, 2);
        c.add_option("--group", one.group, "Send to this group")->type_name("ID");
        c.add_option("--client-id", one.client_id, "Repeated sends with this key make one message");
      });
  build.user<History>(
      app, "history", "Read a conversation, the newest part unless asked otherwise",
      "  msgctl history --as alice bob --limit 20\n"
      "  msgctl history --as alice bob --before 81          what came before #81\n"
      "  msgctl history --as alice --group ID --order asc   from the beginning",
      [](CLI::App& c, History& one) {
        c.add_option("WHO", one.target.who, "With whom");
        c.add_option("--group", one.target.group, "Of this group")->type_name("ID");
        c.add_option("--limit", one.limit, "1 to 200, default 50")->check(CLI::Range(1, 200));
        c.add_option("--before", one.before, "Older than this number")->check(CLI::PositiveNumber);
        c.add_option("--order", one.order, "desc (from the newest) or asc (from the oldest)");
      });
}

void add_conversations(Builder& build, CLI::App& app) {
  build.user<Conversations>(
      app, "conversations", "List conversations, latest activity first",
      "  msgctl conversations --as alice", [](CLI::App& c, Conversations& one) {
        c.add_option("--limit", one.limit, "1 to 200, default 50")->check(CLI::Range(1, 200));
      });
  CLI::App& group = build.group("group", "Make groups, set their rules, let people in");
  build.user<GroupNew>(group, "new", "Make a group; prints its id",
                       "  msgctl group new --as alice --title \"Team\" bob carol",
                       [](CLI::App& c, GroupNew& one) {
                         c.add_option("--title", one.title, "What to call it")->required();
                         c.add_option("WHO", one.members, "Its other members");
                       });
  build.user<Sync>(
      app, "sync", "What changed since a cursor, over all conversations",
      "  msgctl sync --as alice                  everything\n"
      "  msgctl sync --as alice --cursor CURSOR  what came after that",
      [](CLI::App& c, Sync& one) { c.add_option("--cursor", one.cursor, "From an earlier sync"); });
  build.add<Command, Health>(app, "health", "Whether the server is ready",
                             "  msgctl health && echo up", [](CLI::App&, Health&) {});
}

void add_sessions(Builder& build, CLI::App& app) {
  build.add<SessionCommand, Login>(
      app, "login", "Sign in by phone number; prints the session token, once",
      "  export MSG_TOKEN=$(msgctl login \"+1 415 555 0100\")\n\n"
      "A code is sent to the number; type it when asked, or give it on standard input.",
      [](CLI::App& c, Login& one) {
        c.add_option("PHONE", one.phone, "International, any usual spelling")->required();
        c.add_option("--device", one.device, "What to call this device; default msgctl");
        c.add_flag("--pin", one.asks_pin, "The account has a PIN: ask for it as well");
        c.add_flag("--new-account", one.new_account,
                   "Begin a new account instead of one whose PIN is not yours");
      });
  CLI::App& session = build.group("session", "Your own sessions: list, rename, revoke");
  build.add<SessionCommand, SessionList>(session, "list", "List them", "  msgctl session list",
                                         [](CLI::App&, SessionList&) {});
  build.add<SessionCommand, SessionRename>(
      session, "rename", "Give one another name",
      "  msgctl session rename 7261430912345099 \"Old laptop\"",
      [](CLI::App& c, SessionRename& one) {
        c.add_option("SESSION_ID", one.session, "From session list")->required();
        c.add_option("NAME", one.name, "What to call it")->required();
      });
  build.add<SessionCommand, SessionRevoke>(
      session, "revoke", "End one: its token is void at once",
      "  msgctl session revoke 7261430912345099", [](CLI::App& c, SessionRevoke& one) {
        c.add_option("SESSION_ID", one.session, "From session list")->required();
      });
  build.add<SessionCommand, SessionRevokeOthers>(session, "revoke-others", "End all but this one",
                                                 "  msgctl session revoke-others",
                                                 [](CLI::App&, SessionRevokeOthers&) {});
}

void add_stores(Builder& build, CLI::App& app) {
  build.add<StoreCommand, Copy>(
      app, "copy", "Move everything from one store into another; cut short, it goes on",
      "  msgctl copy --from sqlite:chat.db --to postgresql:///chat --verify\n"
      "  msgctl copy --from rocksdb:/var/lib/msg/chat --to sqlite:copy.db\n\n"
      "Stores: sqlite:FILE, rocksdb:DIRECTORY, postgresql://... No server may have either open,\n"
      "and nobody may write to the source meanwhile. The target is new or empty, or was begun by\n"
      "an earlier copy of the same source, which then goes on where that one stopped. Until it is\n"
      "complete no server opens it. Cursors, tokens and keys of the source are good for the copy.\n"
      "Ends with 1 if --verify finds a difference.",
      [](CLI::App& c, Copy& one) {
        c.add_option("--from", one.from, "The store to copy")->required()->type_name("URL");
        c.add_option("--to", one.to, "The store to make")->required()->type_name("URL");
        c.add_flag("--verify", one.verify, "Compare both row by row afterwards");
        c.add_flag("--quiet", one.quiet, "No progress");
      });
  build.add<StoreCommand, Check>(
      app, "check", "Look whether a store is whole: numbers, counts, watermarks, indexes",
      "  msgctl check sqlite:/var/lib/msg/chat.db\n\n"
      "Reads everything, changes nothing, and says each problem with its ids, never with content.\n"
      "No server may have the store open, except on PostgreSQL. Ends with 1 if there are problems.",
      [](CLI::App& c, Check& one) {
        c.add_option("URL", one.url, "The store")->required();
        c.add_flag("--quiet", one.quiet, "No progress");
      });
}

void add_chat(Builder& build, CLI::App& app) {
  build.add<Command, Chat>(
      app, "chat", "Talk in the terminal, or line by line from a script",
      R"(  msgctl chat --as alice bob
  msgctl chat --as alice --group 7261430912345070
  printf 'one\ntwo\n' | msgctl chat --as alice bob
  msgctl chat --as bob alice --stay --json < /dev/null    follow until SIGTERM

On a terminal /help lists the commands; Ctrl-D ends.

When standard input is not a terminal each of its lines is sent, and each event is printed as a
line of fields between tabs. \n, \t and \\ stand for newline, tab and backslash in a text:
  message SEQ TIME SENDER TEXT    sent SEQ TIME TEXT       refused CODE SENTENCE TEXT
  edited SEQ TIME SENDER TEXT     deleted SEQ TIME SENDER
  delivered SEQ (and all before)  read SEQ                 typing NAMES
  member NAME joined|left         online                   offline WHY
It ends once all lines are acknowledged; with 1 if one was refused.)",
      [](CLI::App& c, Chat& one) {
        c.add_option("WHO", one.target.who, "With whom");
        c.add_option("--group", one.target.group, "In this group")->type_name("ID");
        c.add_option("--history", one.history,
                     "Messages to begin with; default 30 on a terminal, else none")
            ->check(CLI::Range(0, 200));
        c.add_flag("--stay", one.stay, "Listen on after standard input has ended, until SIGTERM");
      });
}

}  // namespace

std::expected<Invocation, Advice> parse_command_line(int argc, const char* const* argv) {
  Invocation invocation;
  CLI::App app{kIntro, "msgctl"};
  app.set_version_flag("--version", "msgctl " MSG_VERSION);
  app.footer(kOutro);
  app.fallthrough();  // global options may stand behind the command too
  app.require_subcommand(1);
  add_globals(app, invocation.globals);
  Builder build(app, invocation);
  add_users(build);
  add_sessions(build, app);
  add_tokens(build);
  add_keys(build);
  add_audit(build, app);
  add_messages(build, app);
  add_message_commands(build, app);
  add_conversations(build, app);
  add_rules_commands(build, app, *app.get_subcommand("group"));
  add_chat(build, app);
  add_stores(build, app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    const int code = app.exit(error, out, out);
    return std::unexpected(Advice{code == 0 ? Exit::ok : Exit::usage, out.str()});
  }
  return invocation;
}

}  // namespace msgctl
