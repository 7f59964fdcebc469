// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "msgctl/cli.h"

namespace msgctl {

/// One command: its words, where its options go, and what it becomes.
class Builder {
 public:
  Builder(CLI::App& app, Invocation& invocation) : app_(app), invocation_(invocation) {}

  CLI::App& group(const char* name, const char* what) {
    CLI::App* group = app_.add_subcommand(name, what);
    group->require_subcommand(1);
    return *group;
  }

  /// Adds a command to `parent`, its options by `describe(CLI::App&, One&)`.
  template <class Kind, class One, class Describe>
  void add(CLI::App& parent, const char* name, const char* what, const char* examples,
           Describe describe) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->footer(std::string{"Examples:\n"} + examples);
    auto one = std::make_shared<One>();
    describe(*command, *one);
    command->callback([this, one] { invocation_.command = Kind{*one}; });
  }

  template <class One, class Describe>
  void admin(CLI::App& parent, const char* name, const char* what, const char* examples,
             Describe describe) {
    add<AdminCommand, One>(parent, name, what, examples, describe);
  }
  template <class One, class Describe>
  void user(CLI::App& parent, const char* name, const char* what, const char* examples,
            Describe describe) {
    add<UserCommand, One>(parent, name, what, examples, describe);
  }
  template <class One, class Describe>
  void message(CLI::App& parent, const char* name, const char* what, const char* examples,
               Describe describe) {
    add<MessageCommand, One>(parent, name, what, examples, describe);
  }

 private:
  CLI::App& app_;
  Invocation& invocation_;
};

/// What is done with one message, or with what came in.
void add_message_commands(Builder& build, CLI::App& app);

/// Rules of groups, ways into them, and blocks. `group` is where commands on groups are.
void add_rules_commands(Builder& build, CLI::App& app, CLI::App& group);

}  // namespace msgctl
