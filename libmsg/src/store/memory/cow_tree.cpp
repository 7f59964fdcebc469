// SPDX-License-Identifier: Apache-2.0
#include "store/memory/cow_tree.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

// node  = leaf | inner
// leaf  = entries, ascending
// inner = children c0 … cn and separators s1 … sn (entries without value):
//         keys in c(i) < s(i+1) <= keys in c(i+1)
//
// All leaves are equally deep. A node is split when full, on the way down, and removed when
// empty; it is not merged when half empty, which costs some space after many erasures and saves
// the most intricate part of a B-tree (Johnson & Shasha 1989 show that it is a good trade).
//
// Entries never change, so versions share them. Nodes and entries are trivially destructible and
// come from operator new: whatever a version drops is just a block to free.

namespace msg::memory {

// Key and value follow the struct in the same block: one allocation, one cache miss less.
struct Entry {
  std::uint32_t key_size;
  std::uint32_t value_size;

  [[nodiscard]] std::string_view key() const { return {bytes(), key_size}; }
  [[nodiscard]] std::string_view value() const { return {bytes() + key_size, value_size}; }
  [[nodiscard]] const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

namespace {
constexpr std::size_t kFanout = 32;
}

struct Node {
  std::uint64_t number;  // of the edit that made it and alone may change it
  std::uint32_t count;   // of entries in a leaf, of separators in an inner node
  bool leaf;
  Entry* entries[kFanout];
};

namespace {

struct Inner : Node {
  Node* children[kFanout + 1];
};

static_assert(std::is_trivially_copyable_v<Inner> && std::is_trivially_copyable_v<Entry>);

Inner* inner(Node* node) {
  return static_cast<Inner*>(node);
}
const Inner* inner(const Node* node) {
  return static_cast<const Inner*>(node);
}

bool full(const Node* node) {
  return node->count == kFanout;
}

// Index of the first entry with key >= `key`.
std::size_t lower_bound(const Node* node, std::string_view key) {
  Entry* const* end = node->entries + node->count;
  const auto less = [](const Entry* entry, std::string_view k) { return entry->key() < k; };
  return static_cast<std::size_t>(std::lower_bound(node->entries, end, key, less) - node->entries);
}

// Index of the first entry with key > `key`: in an inner node the child that `key` belongs to.
std::size_t upper_bound(const Node* node, std::string_view key) {
  Entry* const* end = node->entries + node->count;
  const auto less = [](std::string_view k, const Entry* entry) { return k < entry->key(); };
  return static_cast<std::size_t>(std::upper_bound(node->entries, end, key, less) - node->entries);
}

template <class T>
void insert_at(T* items, std::size_t size, std::size_t at, T item) {
  std::copy_backward(items + at, items + size, items + size + 1);
  items[at] = item;
}

template <class T>
void remove_at(T* items, std::size_t size, std::size_t at) {
  std::copy(items + at + 1, items + size, items + at);
}

void write_entry(Entry* entry, std::string_view key, std::string_view value) {
  entry->key_size = static_cast<std::uint32_t>(key.size());
  entry->value_size = static_cast<std::uint32_t>(value.size());
  char* bytes = reinterpret_cast<char*>(entry + 1);
  std::copy(key.begin(), key.end(), bytes);
  std::copy(value.begin(), value.end(), bytes + key.size());
}

// So that `count` push_backs cannot throw; grows by factors, which reserve() alone would not.
void make_room(Blocks& blocks, std::size_t count) {
  if (blocks.capacity() - blocks.size() >= count) return;
  blocks.reserve(std::max(2 * blocks.capacity(), blocks.size() + count + 16));
}

bool scan_forward(const Node* node, const KvRange& range, const KvVisitor& visit) {
  if (node->leaf) {
    for (std::size_t i = lower_bound(node, range.begin); i < node->count; ++i) {
      const Entry& entry = *node->entries[i];
      if (entry.key() >= range.end || !visit(entry.key(), entry.value())) return false;
    }
    return true;
  }
  for (std::size_t i = upper_bound(node, range.begin); i <= node->count; ++i) {
    if (!scan_forward(inner(node)->children[i], range, visit)) return false;
  }
  return true;
}

bool scan_backward(const Node* node, const KvRange& range, const KvVisitor& visit) {
  std::size_t i = lower_bound(node, range.end);
  if (node->leaf) {
    for (; i > 0; --i) {
      const Entry& entry = *node->entries[i - 1];
      if (entry.key() < range.begin || !visit(entry.key(), entry.value())) return false;
    }
    return true;
  }
  for (++i; i > 0; --i) {
    if (!scan_backward(inner(node)->children[i - 1], range, visit)) return false;
  }
  return true;
}

}  // namespace

void free_blocks(const Blocks& blocks) {
  for (void* block : blocks) ::operator delete(block);
}

std::optional<std::string_view> find(const Node* root, std::string_view key) {
  if (root == nullptr) return std::nullopt;
  while (!root->leaf) root = inner(root)->children[upper_bound(root, key)];
  const std::size_t i = lower_bound(root, key);
  if (i == root->count || root->entries[i]->key() != key) return std::nullopt;
  return root->entries[i]->value();
}

void scan(const Node* root, const KvRange& range, KvDirection direction, const KvVisitor& visit) {
  if (root == nullptr) return;
  if (direction == KvDirection::forward) {
    scan_forward(root, range, visit);
  } else {
    scan_backward(root, range, visit);
  }
}

void free_tree(Node* root) {
  if (root == nullptr) return;
  for (std::size_t i = 0; !root->leaf && i <= root->count; ++i) {
    free_tree(inner(root)->children[i]);
  }
  for (std::size_t i = 0; i < root->count; ++i) ::operator delete(root->entries[i]);
  ::operator delete(root);
}

void* TreeEdit::allocate(std::size_t size) {
  make_room(made_, 1);
  void* block = ::operator new(size);
  made_.push_back(block);
  return block;
}

// Makes the node in `slot` one that may be changed here. An inner node that holds the slot is
// owned already: ownership goes from the root down.
Node* TreeEdit::own(Node*& slot) {
  if (slot->number == number_) return slot;
  make_room(dropped_, 1);
  const std::size_t size = slot->leaf ? sizeof(Node) : sizeof(Inner);
  auto* copy = static_cast<Node*>(allocate(size));
  std::memcpy(copy, slot, size);
  copy->number = number_;
  dropped_.push_back(slot);
  slot = copy;
  return copy;
}

// Puts a root above the root, or the first leaf.
void TreeEdit::grow() {
  if (root_ == nullptr) {
    root_ = new (allocate(sizeof(Node)))
        Node{.number = number_, .count = 0, .leaf = true, .entries = {}};
    return;
  }
  auto* top = new (allocate(sizeof(Inner))) Inner;
  top->number = number_;
  top->count = 0;
  top->leaf = false;
  top->children[0] = root_;
  root_ = top;
}

// Moves the upper part of a full child to a new node beside it. Both nodes given are owned, and
// `parent` is not full. All that can throw comes first.
void TreeEdit::split_child(Node* parent, std::size_t child, std::string_view key) {
  Node* left = inner(parent)->children[child];
  // Keys arriving in order, as messages do, would leave half of each leaf empty for good.
  const bool append = left->leaf && left->entries[kFanout - 1]->key() < key;
  const std::size_t at = append ? kFanout - 1 : kFanout / 2;
  auto* right = static_cast<Node*>(allocate(left->leaf ? sizeof(Node) : sizeof(Inner)));
  Entry* separator = left->entries[at];
  if (left->leaf) {
    const std::string_view first = left->entries[at]->key();
    separator = static_cast<Entry*>(allocate(sizeof(Entry) + first.size()));
    write_entry(separator, first, {});
  }
  // The separator of a leaf is a copy of its first key; that of an inner node moves up.
  const std::size_t from = left->leaf ? at : at + 1;
  right->number = number_;
  right->leaf = left->leaf;
  right->count = static_cast<std::uint32_t>(kFanout - from);
  std::copy(left->entries + from, left->entries + kFanout, right->entries);
  if (!left->leaf) {
    std::copy(inner(left)->children + from, inner(left)->children + kFanout + 1,
              inner(right)->children);
  }
  left->count = static_cast<std::uint32_t>(at);
  insert_at(inner(parent)->children, parent->count + 1, child + 1, right);
  insert_at(parent->entries, parent->count, child, separator);
  ++parent->count;
}

// The leaf for `key`, owned and with room for one entry more.
Node* TreeEdit::own_leaf(std::string_view key) {
  if (root_ == nullptr) grow();
  if (full(own(root_))) {
    grow();
    split_child(root_, 0, key);
  }
  Node* node = root_;
  while (!node->leaf) {
    std::size_t i = upper_bound(node, key);
    if (full(own(inner(node)->children[i]))) {
      split_child(node, i, key);
      i = upper_bound(node, key);
    }
    node = inner(node)->children[i];
  }
  return node;
}

void TreeEdit::put(std::string_view key, std::string_view value) {
  Node* leaf = own_leaf(key);
  make_room(dropped_, 1);
  auto* entry = static_cast<Entry*>(allocate(sizeof(Entry) + key.size() + value.size()));
  write_entry(entry, key, value);
  const std::size_t i = lower_bound(leaf, key);
  if (i < leaf->count && leaf->entries[i]->key() == key) {
    dropped_.push_back(leaf->entries[i]);
    leaf->entries[i] = entry;
  } else {
    insert_at(leaf->entries, leaf->count, i, entry);
    ++leaf->count;
  }
}

void TreeEdit::erase(std::string_view key) {
  if (!find(root_, key)) return;
  std::vector<Step> path;
  Node* node = own(root_);
  while (!node->leaf) {
    const std::size_t i = upper_bound(node, key);
    path.push_back({.inner = node, .child = i});
    node = own(inner(node)->children[i]);
  }
  // The entry and, on each level, a node and a separator; then the roots that became needless.
  make_room(dropped_, 1 + 3 * (path.size() + 1));
  const std::size_t i = lower_bound(node, key);
  dropped_.push_back(node->entries[i]);
  remove_at(node->entries, node->count, i);
  --node->count;
  bool empty = node->count == 0;
  while (empty && !path.empty()) {
    empty = inner(path.back().inner)->count == 0;
    remove_child(path.back());
    path.pop_back();
  }
  if (empty) {
    dropped_.push_back(root_);
    root_ = nullptr;
  }
  while (root_ != nullptr && !root_->leaf && root_->count == 0) {
    dropped_.push_back(root_);
    root_ = inner(root_)->children[0];
  }
}

// An inner node that loses its only child is left without any, for the caller to remove.
void TreeEdit::remove_child(Step at) {
  Inner* parent = inner(at.inner);
  dropped_.push_back(parent->children[at.child]);
  if (parent->count == 0) return;
  remove_at(parent->children, parent->count + 1, at.child);
  const std::size_t separator = at.child == 0 ? 0 : at.child - 1;
  dropped_.push_back(parent->entries[separator]);
  remove_at(parent->entries, parent->count, separator);
  --parent->count;
}

Blocks TreeEdit::release() noexcept {
  made_.clear();
  return std::move(dropped_);
}

}  // namespace msg::memory
