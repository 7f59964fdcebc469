// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/kv/kv_engine.h"

/// An ordered map from bytes to bytes of which older versions stay readable: a B+-tree whose
/// nodes are copied before they change ("copy on write"), as in LMDB, but in memory.
///
/// A version is the pointer to its root. Whoever holds one reads it without any lock, while one
/// writer makes the next version out of the nodes that do not change and copies of those that do.
/// What a version no longer needs is not freed but reported, because older versions may: the
/// owner frees it once nobody reads one of those.
namespace msg::memory {

struct Node;
struct Probe;

/// Blocks of memory, all to be given to free_blocks().
using Blocks = std::vector<void*>;

void free_blocks(const Blocks& blocks);

/// The value of `key`, a view as long-lived as the version. A null root is an empty map.
std::optional<std::string_view> find(const Node* root, std::string_view key);

/// Visits the range in order until the visitor says false.
void scan(const Node* root, const KvRange& range, KvDirection direction, const KvVisitor& visit);

/// Frees a version that shares nothing with another in use.
void free_tree(Node* root);

/// The making of one version. Its own nodes it changes in place, so a large edit copies each node
/// once. root() can be read at any time, also between the changes.
///
/// A put or erase that throws (std::bad_alloc) changed nothing that a read could notice.
///
/// Lifetime: the version it starts from must outlive it. Thread safety: one thread at a time.
class TreeEdit {
 public:
  /// `number` is above that of every edit that made a part of `root`.
  TreeEdit(Node* root, std::uint64_t number) : root_(root), number_(number) {}
  TreeEdit(const TreeEdit&) = delete;
  TreeEdit& operator=(const TreeEdit&) = delete;
  /// Frees what was made, unless it was released.
  ~TreeEdit() { free_blocks(made_); }

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  [[nodiscard]] Node* root() const { return root_; }

  /// Ends the edit: root() is a version of its own from now on. Gives back what no version from
  /// this one on contains.
  Blocks release() noexcept;

 private:
  struct Step {
    Node* inner;
    std::size_t child;
  };

  void* allocate(std::size_t size);
  Node* own(Node*& slot);
  Node* own_leaf(const Probe& probe);
  void grow();
  void split_child(Node* parent, std::size_t child, const Probe& probe);
  void remove_child(Step at);

  Node* root_;
  std::uint64_t number_;
  Blocks made_;     // freed if this edit is dropped
  Blocks dropped_;  // freed, when that is safe, if it is released
};

}  // namespace msg::memory
