// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "messenger/list_cache.h"
#include "messenger/view.h"

namespace msg {

/// The conversations of a user that come first behind some place of the list, chosen by the cache
/// or by the store: what is found is the same.
class ListReader {
 public:
  /// What was found, in order, and the snapshot that it is of.
  struct Found {
    std::unique_ptr<Snapshot> snapshot;
    std::vector<Access> accesses;
  };

  /// The first `count` behind `behind`, or behind nothing.
  ListReader(Store& store, ListCache& cache, const Options& options,
             const std::optional<ListPlace>& behind, std::size_t count)
      : store_(store), cache_(cache), options_(options), behind_(behind), count_(count) {}

  /// Fewer than `count` are all.
  Result<Found> read(UserId user);

 private:
  /// Nothing when the cache was of no use this time.
  Result<std::optional<Found>> try_cache(UserId user);
  Result<std::optional<Found>> read_and_keep(UserId user);
  Result<std::optional<Found>> choose(UserId user);
  Result<Found> read_store(UserId user);
  Result<void> catch_up(Snapshot& snapshot, const Horizon& now);
  Result<void> add_chosen(Found& found, UserId user, std::span<const ConversationId> chosen) const;
  void add(Found& found, ConversationRow conversation, MemberRow member) const;
  void finish(Found& found) const;

  Store& store_;
  ListCache& cache_;
  const Options& options_;
  std::optional<ListPlace> behind_;
  std::size_t count_;
};

}  // namespace msg
