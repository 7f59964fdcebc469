// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/write_overlay.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <string>

namespace msg::rocks {
namespace {

TEST(WriteOverlay, SaysNothingOfAKeyThatWasNotTouched) {
  std::array<std::byte, 64> scratch{};
  WriteOverlay overlay(scratch);
  overlay.put("a", "1");
  overlay.erase("b");
  ASSERT_NE(overlay.find("a"), nullptr);
  EXPECT_EQ(*overlay.find("a"), "1");
  ASSERT_NE(overlay.find("b"), nullptr);
  EXPECT_EQ(*overlay.find("b"), std::nullopt);
  EXPECT_EQ(overlay.find("c"), nullptr);
  overlay.put("b", "");
  EXPECT_EQ(*overlay.find("b"), "") << "an empty value is a value";
}

TEST(WriteOverlay, IsAMapWhateverTheOrderOfWritesAndLooks) {
  std::mt19937 random(11);
  std::array<std::byte, 4096> scratch{};  // far too small on purpose
  WriteOverlay overlay(scratch);
  std::map<std::string, std::optional<std::string>> model;
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::string key = std::to_string(random() % 900);
      if (random() % 4 == 0) {
        overlay.erase(key);
        model[key] = std::nullopt;
      } else {
        const std::string value(random() % 50, static_cast<char>('a' + random() % 26));
        overlay.put(key, value);
        model[key] = value;
      }
    }
    std::string begin = std::to_string(random() % 900);
    std::string end = std::to_string(random() % 900);
    if (end < begin) std::swap(begin, end);
    const auto part = overlay.sorted(KvRange{.begin = begin, .end = end});
    auto expected = model.lower_bound(begin);
    for (const auto* entry : part) {
      ASSERT_EQ(entry->first, expected->first);
      ASSERT_EQ(entry->second, expected->second);
      ++expected;
    }
    ASSERT_EQ(expected, model.lower_bound(end));
  }
  EXPECT_EQ(overlay.sorted().size(), model.size());
}

}  // namespace
}  // namespace msg::rocks
