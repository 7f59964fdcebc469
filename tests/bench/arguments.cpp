// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace msg::bench {

Arguments::Arguments(int argc, char** argv, std::string usage) : usage_(std::move(usage)) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const bool has_value = i + 1 < argc && std::string(argv[i + 1]).rfind("--", 0) != 0;
    given_.emplace(name, has_value ? argv[++i] : "");
  }
}

bool Arguments::flag(const std::string& name) {
  return given_.erase("--" + name) > 0;
}

std::string Arguments::text(const std::string& name, const std::string& otherwise) {
  const auto found = given_.find("--" + name);
  if (found == given_.end()) return otherwise;
  std::string value = found->second;
  given_.erase(found);
  return value;
}

double Arguments::number(const std::string& name, double otherwise) {
  const std::string value = text(name);
  return value.empty() ? otherwise : std::atof(value.c_str());
}

std::vector<std::string> Arguments::words(const std::string& name, const std::string& otherwise) {
  std::istringstream list(text(name, otherwise));
  std::vector<std::string> words;
  for (std::string word; std::getline(list, word, ',');) words.push_back(word);
  return words;
}

std::vector<std::int64_t> Arguments::numbers(const std::string& name,
                                             const std::string& otherwise) {
  std::vector<std::int64_t> numbers;
  for (const auto& word : words(name, otherwise)) {
    numbers.push_back(std::strtoll(word.c_str(), nullptr, 10));
  }
  return numbers;
}

void Arguments::finish() {
  const bool help = flag("help");
  if (!help && given_.empty()) return;
  if (!help) std::fprintf(stderr, "unknown option %s\n", given_.begin()->first.c_str());
  std::fprintf(stderr, "%s", usage_.c_str());
  std::exit(help ? 0 : 2);
}

}  // namespace msg::bench
