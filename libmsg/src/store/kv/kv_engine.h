// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "msg/status.h"

namespace msg {

/// Keys from `begin`, included, to `end`, excluded, in the order of their bytes as unsigned
/// numbers. Never empty or reversed when an engine gets it (begin < end).
struct KvRange {
  std::string begin;
  std::string end;
};

enum class KvDirection { forward, backward };

/// Called for each entry of a scan, in order; false ends the scan. The views live for the call,
/// and the call must not write to the batch that is being scanned.
using KvVisitor = std::function<bool(std::string_view key, std::string_view value)>;

/// An unchanging view of an ordered map from bytes to bytes. Errors are unavailable or corrupt.
///
/// Both ends of a range lie in one scope (see kv_keys.h), so an engine can answer a scan with one
/// seek, bounded on both sides, inside one prefix.
///
/// Lifetime: the engine must outlive it. Thread safety: one thread at a time.
class KvView {
 public:
  virtual ~KvView() = default;
  /// True and the value, which replaces what `value` held, or false: no such key.
  virtual Result<bool> get(std::string_view key, std::string& value) = 0;
  virtual Result<void> scan(const KvRange& range, KvDirection direction,
                            const KvVisitor& visit) = 0;
};

/// The one open write: reads see the newest commit and what was put and erased here.
/// Destroying it without a commit undoes it.
class KvBatch : public KvView {
 public:
  /// Inserts or replaces.
  virtual Result<void> put(std::string_view key, std::string_view value) = 0;
  /// Erasing what is not there is not an error.
  virtual Result<void> erase(std::string_view key) = 0;
  /// Durable, as far as the medium is, and visible to views taken from now on: all or nothing.
  /// Called once, as the last thing; after an error the engine may refuse all later batches.
  virtual Result<void> commit() = 0;
};

/// What a store needs of a key/value engine, and nothing that only some can do.
///
/// Thread safety: view() and check() from any thread; begin() from one at a time, with one batch
/// open at a time.
class KvEngine {
 public:
  virtual ~KvEngine() = default;
  virtual Result<std::unique_ptr<KvView>> view() = 0;
  virtual Result<std::unique_ptr<KvBatch>> begin() = 0;
  /// An error when reads fail, or writes failed for good.
  virtual Result<void> check() = 0;
  /// As Store::inspect().
  virtual Result<std::vector<std::string>> inspect() { return std::vector<std::string>{}; }
};

}  // namespace msg
