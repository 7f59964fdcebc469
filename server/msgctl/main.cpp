// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "msgctl/chat.h"
#include "msgctl/cli.h"
#include "msgctl/commands.h"
#include "msgctl/text.h"

namespace {

using msgctl::Exit;

int end(Exit exit) {
  return static_cast<int>(exit);
}

int report(const msgctl::Failure& failure) {
  std::fprintf(stderr, "msgctl: %s: %s\n",
               msgctl::printable(failure.code, msgctl::Newlines::replace).c_str(),
               msgctl::printable(failure.text, msgctl::Newlines::keep).c_str());
  return end(failure.exit);
}

template <class Group>
int run_and_print(const msgctl::Globals& globals, const Group& command) {
  const auto out = msgctl::run(globals, command);
  if (!out) return report(out.error());
  const bool written = std::fwrite(out->data(), 1, out->size(), stdout) == out->size();
  return end(written && std::fflush(stdout) == 0 ? Exit::ok : Exit::refused);
}

int run_and_print(const msgctl::Globals& globals, const msgctl::Chat& command) {
  const auto ended = msgctl::chat(globals, command);
  return ended ? end(*ended) : report(ended.error());
}

int run_and_print(const msgctl::Globals& globals, const msgctl::StoreCommand& command) {
  const auto ended = msgctl::run(globals, command);
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (!ended) return report(ended.error());
  return end(written ? *ended : msgctl::Exit::refused);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
    msgctl::use_utf8_locale();
    const auto invocation = msgctl::parse_command_line(argc, argv);
    if (!invocation) {
      const auto& advice = invocation.error();
      std::fputs(advice.text.c_str(), advice.exit == Exit::ok ? stdout : stderr);
      return end(advice.exit);
    }
    return std::visit([&](const auto& one) { return run_and_print(invocation->globals, one); },
                      invocation->command);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "msgctl: %s\n", error.what());
    return end(Exit::refused);
  }
}
