// SPDX-License-Identifier: Apache-2.0
#include "feed/news.h"

namespace msg {

Concern concern_of(const Event& event) {
  const auto* const change = std::get_if<MemberEvent>(&event.body);
  return {.conversation = event.conversation,
          .only_for = event.only_for,
          .not_for = event.not_for,
          .member = change != nullptr ? change->member.user : UserId{}};
}

News news_of(const Commit& commit, std::size_t writer) {
  return {.writer = writer,
          .life = commit.life,
          .before = commit.before,
          .last = commit.last,
          .built_on = commit.built_on,
          .items = {commit.events.begin(), commit.events.end()},
          .heard_at = std::chrono::steady_clock::now()};
}

}  // namespace msg
