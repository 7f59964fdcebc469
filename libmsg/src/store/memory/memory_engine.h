// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "store/kv/kv_engine.h"
#include "store/memory/cow_tree.h"

namespace msg::memory {

/// An ordered map in memory whose views never change and never wait: a view is the root of one
/// version of a CowTree, read without a lock. Nothing is durable.
///
/// A commit keeps what views of before may still read and frees it at a later commit, once the
/// last of these views is gone. So memory is bounded by what is stored, plus what the commits
/// replaced during the life of the oldest view (a few KiB for each commit): hold views briefly.
/// tests/unit/memory_engine_test.cpp: OverwritesDoNotGrow.
///
/// A batch that ran out of memory is `unavailable` from then on and can only be dropped.
///
/// Thread safety: as KvEngine.
class MemoryEngine final : public KvEngine {
 public:
  MemoryEngine() = default;
  MemoryEngine(const MemoryEngine&) = delete;
  MemoryEngine& operator=(const MemoryEngine&) = delete;
  /// Every view and batch must be gone.
  ~MemoryEngine() override;

  Result<std::unique_ptr<KvView>> view() override;
  /// unavailable: one is open already.
  Result<std::unique_ptr<KvBatch>> begin() override;
  Result<void> check() override { return {}; }

  /// Blocks kept for views at present. Writer's thread, no batch open; for tests and metrics.
  [[nodiscard]] std::size_t retained() const;

 private:
  class View;
  class Batch;

  /// What commit `number` replaced: in use by versions below `number` only.
  struct Retired {
    std::uint64_t number;
    Blocks blocks;
  };
  /// How many views there are of each version that has any.
  using ViewCounts = std::map<std::uint64_t, std::size_t>;

  void publish(TreeEdit& edit);
  void free_retired(std::uint64_t oldest, std::size_t count_max) noexcept;

  std::mutex mutex_;  // guards these three; held for a few steps only
  Node* root_ = nullptr;
  std::uint64_t number_ = 0;
  ViewCounts views_;

  std::atomic<bool> writing_ = false;
  std::deque<Retired> retired_;  // ascending; the writer's own
};

}  // namespace msg::memory
