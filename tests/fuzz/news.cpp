// SPDX-License-Identifier: Apache-2.0
// What processes say to each other of commits, behind its MAC: another version's, or a mistake's.
#include <algorithm>
#include <variant>

#include "feed/news_codec.h"
#include "fuzz/fuzz.h"

namespace msg::test {

void fuzz(std::string_view input) {
  const auto hint = decode_news(input);
  if (!hint) return;
  const auto& items = hint->news.items;
  hold(items.size() <= input.size(), "an item takes bytes");
  hold(hint->news.writer < kWritersMax, "a writer is one of those that there are");
  hold(std::ranges::all_of(hint->sent,
                           [&](const CommitHint::Sent& sent) {
                             return sent.item < items.size() &&
                                    std::holds_alternative<Concern>(items[sent.item]);
                           }),
       "each message has its place among the news");
}

}  // namespace msg::test
