// SPDX-License-Identifier: Apache-2.0
#include "feed/news.h"

namespace msg {

Concern concern_of(const Event& event) {
  const auto* const change = std::get_if<MemberEvent>(&event.body);
  return {.conversation = event.conversation,
          .only_for = only_receiver(event).value_or(UserId{}),
          .not_for = event.not_for,
          .member = change != nullptr ? change->member.user : UserId{}};
}

std::optional<UserId> only_receiver(const Event& event) {
  const auto* const receipt = std::get_if<ReceiptEvent>(&event.body);
  if (event.only_for != UserId{}) return event.only_for;
  if (receipt && !receipt->to_everyone) return receipt->member.user;
  return std::nullopt;
}

News news_of(const Commit& commit, std::size_t writer) {
  News news{.writer = writer,
            .life = commit.life,
            .before = commit.before,
            .last = commit.last,
            .built_on = commit.built_on,
            .items = {commit.events.begin(), commit.events.end()},
            .heard_at = std::chrono::steady_clock::now()};
  news.items.insert(news.items.end(), commit.switches.begin(), commit.switches.end());
  return news;
}

}  // namespace msg
