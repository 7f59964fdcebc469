// SPDX-License-Identifier: Apache-2.0
//
// Gives every file of the folders that are named to a fuzz target, without libFuzzer.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    std::fprintf(stderr, "%s\n", file.c_str());  // the last one is to blame
    // No byte behind the end may be read: not even the terminator of a string.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    msg::test::fuzz({exact.data(), exact.size()});
  }
  std::printf("%zu inputs\n", files.size());
  return files.empty() ? 1 : 0;
}
