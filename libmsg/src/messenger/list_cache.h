// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "commit/commit.h"
#include "core/horizon.h"
#include "msg/options.h"
#include "store/store.h"

namespace msg {

/// Keeps the long conversation lists that are being read: who has which conversations, and each
/// conversation's activity, once for all lists. A page of such a list is then chosen in memory and
/// only its own rows are read. A send costs one look-up here, however many lists it is in.
///
/// It is kept current by the commits of this process and by what the store says of other ones, and
/// is no authority: every choice is made for a snapshot and is exactly what that would say. A
/// conversation that changed since is named, to be looked at in the snapshot; a list that changed
/// otherwise, or a cache that knows less than the snapshot, is not used.
///
/// Bounds: Options::list_cache_max conversations over all lists; the list that was read longest ago
/// makes room. Thread safety: any thread.
class ListCache {
 public:
  /// `now`: what is seen of the store before this process, as `writer`, commits anything.
  ListCache(const Options& options, std::size_t writer, const Horizon& now);

  bool is_off() const { return max_ == 0; }

  /// What this process committed; in order, and before anybody is told of the commit.
  void committed(const Commit& commit);

  /// What is known of the store.
  Horizon position();
  /// What other processes did since a position(), as a snapshot says it that sees `now`. Nothing:
  /// the store does not know any more, so all lists are forgotten.
  void learn(const std::optional<ListNews>& news, const Horizon& now);
  /// Until committed() was told of this version, or for a second at most.
  void wait_for(Version own);
  /// For a store that went back in time: a snapshot sees less than was known before it was taken.
  void reset(const Horizon& now);

  bool has_list(UserId user);
  /// The conversations among which are the first `count` behind `behind` in a snapshot that sees
  /// `now`: those that come first, and those that changed since. Nothing: the list is not here, or
  /// not as it was then.
  std::optional<std::vector<ConversationId>> choose(UserId user, const Horizon& now,
                                                    const std::optional<ListPlace>& behind,
                                                    std::size_t count);

  /// A list that is being read from a snapshot that was taken after this began.
  class Load {
   public:
    Load(ListCache& cache, UserId user) : cache_(cache), user_(user) {}
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load();
    void add(const ListPlace& place) { places_.push_back(place); }
    /// Keeps the list, as a snapshot that sees `now` has it, unless there was too much news since.
    void finish(const Horizon& now);

   private:
    friend class ListCache;
    ListCache& cache_;
    UserId user_;
    std::vector<ListPlace> places_;
    std::size_t begin_{0};  ///< In news_: what came since.
    bool is_spoilt_{false};
  };
  /// Null, after a while, when another thread was reading this list already.
  std::unique_ptr<Load> begin_load(UserId user);

 private:
  struct Head {
    Version activity{};
    Version committed_at{};  ///< By this process: who sees this one's commits up to it sees it.
    std::uint32_t lists{0};  ///< How many it is in.

    void raise(Version to, Version by);
  };
  using Heads = std::unordered_map<ConversationId, Head>;
  struct List {
    std::vector<Heads::value_type*> heads;
    Version changed_at{};  ///< By joining or leaving, and by being read.
    std::uint64_t used{0};
  };
  /// While lists are being read, what happens meanwhile.
  struct News {
    ConversationId conversation{};
    UserId user{};  ///< Who joined or left; 0: it is about the activity.
    bool is_active{false};
    Version activity{};
    Version committed_at{};
  };

  void note(const News& news);
  void apply(const News& news);
  void apply_to(List& list, const News& news);
  void add_to(List& list, const ListPlace& place, Version committed_at);
  void take_from(List& list, ConversationId conversation);
  void release(Heads::value_type& head);
  void forget(UserId user);
  void forget_all();
  void make_room();
  void raise_position(const Horizon& to);
  void follow_commits();

  const std::size_t max_;
  const std::size_t writer_;
  std::mutex mutex_;
  std::condition_variable moved_;  ///< position_ rose, or a load ended.
  Horizon position_;
  /// The commits told of since the last gap: between two of them nobody else wrote as this writer.
  Version commits_from_;
  Version commits_to_;
  Heads heads_;
  std::unordered_map<UserId, List> lists_;
  std::size_t size_{0};  ///< Of all lists.
  std::uint64_t uses_{0};
  std::unordered_map<UserId, Load*> loads_;
  std::vector<News> news_;  ///< Since the first of loads_ began.
};

}  // namespace msg
