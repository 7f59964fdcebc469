// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "commit/commit.h"
#include "core/horizon.h"
#include "msg/event.h"

namespace msg {

/// Whom a change concerns.
struct Concern {
  ConversationId conversation{};
  UserId only_for{};  ///< As in Event; 0: all who listen to the conversation.
  UserId not_for{};   ///< Likewise; 0: nobody.
  UserId member{};    ///< Who joined, left or is something else there now; 0: nobody.
  bool operator==(const Concern&) const = default;
};

/// It concerns whoever listens to anything.
struct Everybody {
  bool operator==(const Everybody&) const = default;
};

Concern concern_of(const Event& event);

/// Whose devices alone hear of it.
std::optional<UserId> only_receiver(const Event& event);

/// What is handed out; or, where that is not at hand, who has to sync instead; or who is told other
/// things from now on.
using NewsItem = std::variant<std::shared_ptr<Event>, Concern, Everybody, ReadsSwitch>;

/// A commit of any process, as its followers hear of it.
struct News {
  std::size_t writer{0};
  std::uint32_t life{0};
  Version before{};    ///< The writer's newest version before it.
  Version last{};      ///< And with it.
  Horizon built_on{};  ///< What it may have been built on, of other writers.
  std::vector<NewsItem> items;
  std::chrono::steady_clock::time_point heard_at{};
};

/// Of one of this process.
News news_of(const Commit& commit, std::size_t writer);

}  // namespace msg
