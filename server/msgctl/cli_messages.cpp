// SPDX-License-Identifier: Apache-2.0
#include "msgctl/cli_builder.h"

namespace msgctl {
namespace {

void add_message_id(CLI::App& command, std::string& message) {
  command.add_option("MESSAGE_ID", message, "From send or history --json")->required();
}

void add_target(CLI::App& command, Target& target) {
  command.add_option("WHO", target.who, "With whom");
  command.add_option("--group", target.group, "In this group")->type_name("ID");
}

void add_changes(Builder& build, CLI::App& app) {
  build.message<Edit>(app, "edit", "Give a text of yours another content",
                      "  msgctl edit --as alice 7261430912345070-12 \"Hello Bob!\"",
                      [](CLI::App& c, Edit& one) {
                        add_message_id(c, one.message);
                        c.add_option("TEXT", one.text, "What it shall say")->required();
                      });
  build.message<Revisions>(app, "revisions",
                           "What an edited message said before, who changed it and when",
                           "  msgctl revisions --as bob 7261430912345070-12",
                           [](CLI::App& c, Revisions& one) { add_message_id(c, one.message); });
  build.message<Delete>(app, "delete", "Delete a message for everyone, or for yourself",
                        "  msgctl delete --as alice 7261430912345070-12\n"
                        "  msgctl delete --as bob 7261430912345070-12 --for-me",
                        [](CLI::App& c, Delete& one) {
                          add_message_id(c, one.message);
                          c.add_flag("--for-me", one.for_me,
                                     "Only on your own devices; the others keep it");
                        });
}

void add_annotations(Builder& build, CLI::App& app) {
  build.message<React>(app, "react", "React to a message with an emoji",
                       "  msgctl react --as bob 7261430912345070-12 👍\n"
                       "  msgctl react --as bob 7261430912345070-12 👍 --undo",
                       [](CLI::App& c, React& one) {
                         add_message_id(c, one.message);
                         c.add_option("EMOJI", one.emoji, "One emoji")->required();
                         c.add_flag("--undo", one.undo, "Take it back");
                       });
  build.message<Pin>(app, "pin", "Pin a message in its conversation",
                     "  msgctl pin --as alice 7261430912345070-12\n"
                     "  msgctl pin --as alice 7261430912345070-12 --undo",
                     [](CLI::App& c, Pin& one) {
                       add_message_id(c, one.message);
                       c.add_flag("--undo", one.undo, "Unpin it");
                     });
  build.message<Pins>(app, "pins", "The pinned messages of a conversation, the latest pin last",
                      "  msgctl pins --as alice bob",
                      [](CLI::App& c, Pins& one) { add_target(c, one.target); });
  build.message<Forward>(app, "forward", "Pass a message on; prints the new one's id",
                         "  msgctl forward --as alice 7261430912345070-12 carol\n"
                         "  msgctl forward --as alice 7261430912345070-12 --group 7261430912345090",
                         [](CLI::App& c, Forward& one) {
                           add_message_id(c, one.message);
                           add_target(c, one.target);
                           c.add_option("--client-id", one.client_id,
                                        "Repeated with this key it makes one message");
                         });
}

void add_receipts(Builder& build, CLI::App& app) {
  build.message<Status>(app, "status", "How far a message got, and with whom",
                        "  msgctl status --as alice 7261430912345070-12",
                        [](CLI::App& c, Status& one) { add_message_id(c, one.message); });
  build.message<Read>(
      app, "read", "Mark a conversation as read up to its newest message, or all of them",
      "  msgctl read --as bob alice\n  msgctl read --as bob --all", [](CLI::App& c, Read& one) {
        add_target(c, one.target);
        c.add_flag("--all", one.all, "Every conversation that has something unread");
      });
}

}  // namespace

void add_message_commands(Builder& build, CLI::App& app) {
  add_changes(build, app);
  add_annotations(build, app);
  add_receipts(build, app);
}

}  // namespace msgctl
