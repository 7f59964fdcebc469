// SPDX-License-Identifier: Apache-2.0
#include "sample.h"

#include <cmath>
#include <random>
#include <vector>

namespace msg::bench {
namespace {

constexpr std::size_t kTexts = 8192;
constexpr std::size_t kWords = 4000;

class Writer {
 public:
  Writer() {
    for (std::size_t i = 0; i < kWords; ++i) words_.push_back(make_word());
  }

  std::string make_text() {
    std::string text;
    while (text.size() < kTextBytes) text += choose_word() + " ";
    text.resize(kTextBytes);
    return text;
  }

 private:
  std::string make_word() {
    static const std::string kConsonants = "bcdfghklmnprstvw";
    static const std::string kVowels = "aeiou";
    std::string word;
    for (auto syllables = 1 + random_() % 4; syllables > 0; --syllables) {
      word += kConsonants[random_() % kConsonants.size()];
      word += kVowels[random_() % kVowels.size()];
      if (random_() % 3 == 0) word += kConsonants[random_() % kConsonants.size()];
    }
    return word;
  }

  /// Zipf: the second word comes half as often as the first, and so on.
  const std::string& choose_word() {
    const double place = std::uniform_real_distribution(0.0, 1.0)(random_);
    const auto rank = static_cast<std::size_t>(std::pow(double{kWords}, place));
    return words_[rank - 1];
  }

  std::mt19937 random_{1};  // NOLINT(*-msc51-cpp): the same texts in each run
  std::vector<std::string> words_;
};

}  // namespace

const std::string& sample_text(std::int64_t number) {
  static const std::vector<std::string> texts = [] {
    Writer writer;
    std::vector<std::string> made(kTexts);
    for (auto& text : made) text = writer.make_text();
    return made;
  }();
  // Scattered, so that no block of a file holds the same text twice.
  return texts[static_cast<std::uint64_t>(number) * 2654435761u % kTexts];
}

}  // namespace msg::bench
