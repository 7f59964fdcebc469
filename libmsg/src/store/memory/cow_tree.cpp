// SPDX-License-Identifier: Apache-2.0
#include "store/memory/cow_tree.h"

#include <algorithm>
#include <array>
#include <compare>
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

// Keeps both kinds of node below the 1 KiB up to which glibc allocates from its fast lists.
constexpr std::size_t kFanout = 24;

// The first 24 bytes of a key, with zeros behind a shorter one, as numbers of the same order. Two
// keys with different heads are in the order of the heads; so a search stays inside the node, where
// following each pointer would miss the cache five times. 24 covers most keys of kv_keys.h.
using Head = std::array<std::uint64_t, 3>;

Head head_of(std::string_view key) {
  std::array<char, sizeof(Head)> bytes{};
  std::copy_n(key.begin(), std::min(key.size(), bytes.size()), bytes.begin());
  Head head;
  for (std::size_t i = 0; i < head.size(); ++i) {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < 8; ++j) {
      word = (word << 8) | static_cast<unsigned char>(bytes[8 * i + j]);
    }
    head[i] = word;
  }
  return head;
}

struct Slot {
  Head head;
  Entry* entry;
};

}  // namespace

struct Node {
  std::uint64_t number;  // of the edit that made it and alone may change it
  std::uint32_t count;   // of entries in a leaf, of separators in an inner node
  bool leaf;
  Slot slots[kFanout];
};

// A key to search for.
struct Probe {
  explicit Probe(std::string_view k) : key(k), head(head_of(k)) {}
  std::string_view key;
  Head head;
};

namespace {

struct Inner : Node {
  Node* children[kFanout + 1];
};

static_assert(sizeof(Inner) <= 1024);
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

// As std::array compares, but without a call of memcmp for each step of a search.
std::strong_ordering compare(const Head& a, const Head& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return a[i] <=> b[i];
  }
  return std::strong_ordering::equal;
}

std::strong_ordering compare(const Slot& slot, const Probe& probe) {
  const auto heads = compare(slot.head, probe.head);
  return heads != 0 ? heads : slot.entry->key() <=> probe.key;
}
bool operator<(const Slot& slot, const Probe& probe) {
  return compare(slot, probe) < 0;
}
bool operator<(const Probe& probe, const Slot& slot) {
  return compare(slot, probe) > 0;
}

// Index of the first entry with key >= the probe's.
std::size_t lower_bound(const Node* node, const Probe& probe) {
  const Slot* end = node->slots + node->count;
  return static_cast<std::size_t>(std::lower_bound(node->slots, end, probe) - node->slots);
}

// Index of the first entry with a greater key: in an inner node the child that the key belongs to.
std::size_t upper_bound(const Node* node, const Probe& probe) {
  const Slot* end = node->slots + node->count;
  return static_cast<std::size_t>(std::upper_bound(node->slots, end, probe) - node->slots);
}

bool holds(const Node* leaf, std::size_t i, const Probe& probe) {
  return i < leaf->count && compare(leaf->slots[i], probe) == 0;
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

struct Bounds {
  Probe begin;
  Probe end;
};

bool scan_forward(const Node* node, const Bounds& bounds, const KvVisitor& visit) {
  if (node->leaf) {
    for (std::size_t i = lower_bound(node, bounds.begin); i < node->count; ++i) {
      const Entry& entry = *node->slots[i].entry;
      if (entry.key() >= bounds.end.key || !visit(entry.key(), entry.value())) return false;
    }
    return true;
  }
  for (std::size_t i = upper_bound(node, bounds.begin); i <= node->count; ++i) {
    if (!scan_forward(inner(node)->children[i], bounds, visit)) return false;
  }
  return true;
}

bool scan_backward(const Node* node, const Bounds& bounds, const KvVisitor& visit) {
  std::size_t i = lower_bound(node, bounds.end);
  if (node->leaf) {
    for (; i > 0; --i) {
      const Entry& entry = *node->slots[i - 1].entry;
      if (entry.key() < bounds.begin.key || !visit(entry.key(), entry.value())) return false;
    }
    return true;
  }
  for (++i; i > 0; --i) {
    if (!scan_backward(inner(node)->children[i - 1], bounds, visit)) return false;
  }
  return true;
}

}  // namespace

void free_blocks(const Blocks& blocks) {
  for (void* block : blocks) ::operator delete(block);
}

std::optional<std::string_view> find(const Node* root, std::string_view key) {
  if (root == nullptr) return std::nullopt;
  const Probe probe(key);
  while (!root->leaf) root = inner(root)->children[upper_bound(root, probe)];
  const std::size_t i = lower_bound(root, probe);
  if (!holds(root, i, probe)) return std::nullopt;
  return root->slots[i].entry->value();
}

void scan(const Node* root, const KvRange& range, KvDirection direction, const KvVisitor& visit) {
  if (root == nullptr) return;
  const Bounds bounds{.begin = Probe(range.begin), .end = Probe(range.end)};
  if (direction == KvDirection::forward) {
    scan_forward(root, bounds, visit);
  } else {
    scan_backward(root, bounds, visit);
  }
}

void free_tree(Node* root) {
  if (root == nullptr) return;
  for (std::size_t i = 0; !root->leaf && i <= root->count; ++i) {
    free_tree(inner(root)->children[i]);
  }
  for (std::size_t i = 0; i < root->count; ++i) ::operator delete(root->slots[i].entry);
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
    root_ =
        new (allocate(sizeof(Node))) Node{.number = number_, .count = 0, .leaf = true, .slots = {}};
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
void TreeEdit::split_child(Node* parent, std::size_t child, const Probe& probe) {
  Node* left = inner(parent)->children[child];
  // Keys arriving in order, as messages do, would leave half of each leaf empty for good.
  const bool append = left->leaf && left->slots[kFanout - 1] < probe;
  const std::size_t at = append ? kFanout - 1 : kFanout / 2;
  auto* right = static_cast<Node*>(allocate(left->leaf ? sizeof(Node) : sizeof(Inner)));
  Slot separator = left->slots[at];
  if (left->leaf) {
    const std::string_view first = separator.entry->key();
    separator.entry = static_cast<Entry*>(allocate(sizeof(Entry) + first.size()));
    write_entry(separator.entry, first, {});
  }
  // The separator of a leaf is a copy of its first key; that of an inner node moves up.
  const std::size_t from = left->leaf ? at : at + 1;
  right->number = number_;
  right->leaf = left->leaf;
  right->count = static_cast<std::uint32_t>(kFanout - from);
  std::copy(left->slots + from, left->slots + kFanout, right->slots);
  if (!left->leaf) {
    std::copy(inner(left)->children + from, inner(left)->children + kFanout + 1,
              inner(right)->children);
  }
  left->count = static_cast<std::uint32_t>(at);
  insert_at(inner(parent)->children, parent->count + 1, child + 1, right);
  insert_at(parent->slots, parent->count, child, separator);
  ++parent->count;
}

// The leaf for `key`, owned and with room for one entry more.
Node* TreeEdit::own_leaf(const Probe& probe) {
  if (root_ == nullptr) grow();
  if (full(own(root_))) {
    grow();
    split_child(root_, 0, probe);
  }
  Node* node = root_;
  while (!node->leaf) {
    std::size_t i = upper_bound(node, probe);
    if (full(own(inner(node)->children[i]))) {
      split_child(node, i, probe);
      i = upper_bound(node, probe);
    }
    node = inner(node)->children[i];
  }
  return node;
}

void TreeEdit::put(std::string_view key, std::string_view value) {
  const Probe probe(key);
  Node* leaf = own_leaf(probe);
  make_room(dropped_, 1);
  auto* entry = static_cast<Entry*>(allocate(sizeof(Entry) + key.size() + value.size()));
  write_entry(entry, key, value);
  const std::size_t i = lower_bound(leaf, probe);
  if (holds(leaf, i, probe)) {
    dropped_.push_back(leaf->slots[i].entry);
    leaf->slots[i].entry = entry;
  } else {
    insert_at(leaf->slots, leaf->count, i, Slot{.head = probe.head, .entry = entry});
    ++leaf->count;
  }
}

void TreeEdit::erase(std::string_view key) {
  if (!find(root_, key)) return;
  const Probe probe(key);
  std::vector<Step> path;
  Node* node = own(root_);
  while (!node->leaf) {
    const std::size_t i = upper_bound(node, probe);
    path.push_back({.inner = node, .child = i});
    node = own(inner(node)->children[i]);
  }
  // The entry and, on each level, a node and a separator; then the roots that became needless.
  make_room(dropped_, 1 + 3 * (path.size() + 1));
  const std::size_t i = lower_bound(node, probe);
  dropped_.push_back(node->slots[i].entry);
  remove_at(node->slots, node->count, i);
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
  dropped_.push_back(parent->slots[separator].entry);
  remove_at(parent->slots, parent->count, separator);
  --parent->count;
}

Blocks TreeEdit::release() noexcept {
  made_.clear();
  return std::move(dropped_);
}

}  // namespace msg::memory
