// SPDX-License-Identifier: Apache-2.0
// Commands on whole stores. The library does the work; here is what people see of it.
#include <cstdio>
#include <utility>

#include "http/json_write.h"
#include "msg/maintenance.h"
#include "msgctl/commands.h"
#include "msgctl/progress_line.h"
#include "msgctl/text.h"

namespace msgctl {
namespace {

std::unexpected<Failure> failed(const msg::Error& error) {
  const Exit exit = error.code == msg::Code::invalid_argument ? Exit::usage : Exit::refused;
  return std::unexpected(Failure{exit, std::string{msg::to_string(error.code)}, error.detail});
}

std::string number(std::int64_t count) {
  return with_separators(count);
}

/// One line for each sentence, and how many were left out.
void print_lines(const std::vector<std::string>& lines, std::int64_t count) {
  for (const auto& line : lines) {
    std::printf("%s\n", printable(line, Newlines::replace).c_str());
  }
  const std::int64_t more = count - static_cast<std::int64_t>(lines.size());
  if (more > 0) std::printf("... and %s more\n", number(more).c_str());
}

std::string json_strings(const std::vector<std::string>& lines) {
  std::string out = "[";
  for (const auto& line : lines) {
    if (out.size() > 1) out += ',';
    msgd::append_json_string(out, line);
  }
  return out + ']';
}

void print_json(const msg::CopyReport& report) {
  std::printf(
      "{\"rows\":%lld,\"messages\":%lld,\"resumed\":%s,\"verified\":%s,"
      "\"difference_count\":%lld,\"differences\":%s}\n",
      static_cast<long long>(report.rows), static_cast<long long>(report.messages),
      report.was_resumed || report.was_complete ? "true" : "false",
      report.is_verified ? "true" : "false", static_cast<long long>(report.difference_count),
      json_strings(report.differences).c_str());
}

void print_words(const msg::CopyReport& report) {
  if (report.was_complete) {
    std::puts("The copy was complete already.");
  } else {
    std::printf("Copied%s: %s rows, %s messages among them.\n",
                report.was_resumed ? ", after an earlier attempt" : "", number(report.rows).c_str(),
                number(report.messages).c_str());
  }
  if (!report.is_verified) return;
  if (report.difference_count == 0) {
    std::puts("Verified: both stores hold the same.");
    return;
  }
  std::printf("Verified: %s differences.\n", number(report.difference_count).c_str());
  print_lines(report.differences, report.difference_count);
}

void print_json(const msg::CheckReport& report) {
  std::printf(
      "{\"users\":%lld,\"sessions\":%lld,\"api_keys\":%lld,\"conversations\":%lld,"
      "\"members\":%lld,\"messages\":%lld,\"client_ids\":%lld,\"problem_count\":%lld,"
      "\"problems\":%s}\n",
      static_cast<long long>(report.users), static_cast<long long>(report.sessions),
      static_cast<long long>(report.api_keys), static_cast<long long>(report.conversations),
      static_cast<long long>(report.members), static_cast<long long>(report.messages),
      static_cast<long long>(report.idempotency_keys), static_cast<long long>(report.problem_count),
      json_strings(report.problems).c_str());
}

void print_words(const msg::CheckReport& report) {
  std::printf(
      "Checked %s users, %s sessions, %s API keys, %s conversations, %s members, %s messages and "
      "%s client_ids.\n",
      number(report.users).c_str(), number(report.sessions).c_str(),
      number(report.api_keys).c_str(), number(report.conversations).c_str(),
      number(report.members).c_str(), number(report.messages).c_str(),
      number(report.idempotency_keys).c_str());
  if (report.problem_count == 0) {
    std::puts("Everything fits together.");
    return;
  }
  std::printf("Problems: %s.\n", number(report.problem_count).c_str());
  print_lines(report.problems, report.problem_count);
}

template <class Report>
void print(const Globals& globals, const Report& report) {
  if (globals.json) {
    print_json(report);
  } else {
    print_words(report);
  }
}

Outcome<Exit> carry_out(const Globals& globals, const Copy& command) {
  msg::CopyOptions options;
  options.verify = command.verify;
  ProgressLine line(stderr, command.quiet);
  options.progress = [&](const msg::Progress& progress) { line.show(progress); };
  const auto report = msg::copy_store(command.from, command.to, options);
  line.end();
  if (!report) return failed(report.error());
  print(globals, *report);
  return report->difference_count == 0 ? Exit::ok : Exit::refused;
}

Outcome<Exit> carry_out(const Globals& globals, const Check& command) {
  msg::CheckOptions options;
  ProgressLine line(stderr, command.quiet);
  options.progress = [&](const msg::Progress& progress) { line.show(progress); };
  const auto report = msg::check_store(command.url, options);
  line.end();
  if (!report) return failed(report.error());
  print(globals, *report);
  return report->problem_count == 0 ? Exit::ok : Exit::refused;
}

}  // namespace

Outcome<Exit> run(const Globals& globals, const StoreCommand& command) {
  return std::visit([&](const auto& one) { return carry_out(globals, one); }, command);
}

}  // namespace msgctl
