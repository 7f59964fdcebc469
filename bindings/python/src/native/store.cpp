// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>

namespace pymsg {
namespace {

std::set<Store*>& open_stores() {
  static auto* stores = new std::set<Store*>;  // guarded by the GIL; outlives all
  return *stores;
}

/// RocksDB's statics wait, at exit, for threads that a forked process does not have. So such a one
/// leaves without them.
bool has_opened_rocksdb = false;
void leave_without_statics() {
  on_exit(
      [](int status, void* /*nothing*/) {
        std::fflush(nullptr);
        _exit(status);
      },
      nullptr);
}

/// How deep this thread is inside of any store: it must not wait for itself.
thread_local int depth = 0;

std::unique_ptr<msg::Messenger> open_messenger(const std::string& url, msg::Options options) {
  auto opened = [&] {
    const Released released;
    return msg::open(url, std::move(options));
  }();
  if (!opened) throw_error(opened.error());
  return std::move(*opened);
}

}  // namespace

Part::Part(std::shared_ptr<Store> store) : store_(std::move(store)) {
  store_->require_open();
  store_->parts_.push_back(this);
}

Part::~Part() {
  std::erase(store_->parts_, this);
}

Store::Store(const std::string& url, msg::Options options)
    : generation_(process_generation()), messenger_(open_messenger(url, std::move(options))) {
  open_stores().insert(this);
  has_opened_rocksdb = has_opened_rocksdb || url.starts_with("rocksdb:");
}

Store::~Store() {
  open_stores().erase(this);
  if (is_foreign()) {
    (void)messenger_.release();  // its threads are in the other process
    return;
  }
  if (messenger_ == nullptr) return;
  const Released released;
  messenger_.reset();
}

void Store::require_open() const {
  if (is_foreign()) {
    throw_closed("This process was forked from the one that opened the store: open it again here.");
  }
  if (closing_) throw_closed("The messenger is closed.");
}

void Store::close() {
  if (closing_ || is_foreign()) return;
  if (depth != 0) throw_closed("close() was called from inside another call.");
  closing_ = true;
  open_stores().erase(this);
  const auto self = weak_from_this().lock();  // a part that ends may hold the last reference
  for (Part* part : parts_) part->interrupt();
  wait_until_left();
  while (!parts_.empty()) {
    Part* part = parts_.back();
    parts_.pop_back();
    part->end();
  }
  auto last = std::move(messenger_);
  const Released released;
  last.reset();
}

void Store::wait_until_left() {
  const Released released;
  std::unique_lock lock(mutex_);
  left_.wait(lock, [this] { return inside_ == 0; });
}

void Store::close_all() {
  if (has_opened_rocksdb && process_generation() != 0) leave_without_statics();
  while (!open_stores().empty()) {
    Store* store = *open_stores().begin();
    open_stores().erase(store);
    store->close();
  }
}

Store::Inside::Inside(Store& store) : store_(store) {
  store_.require_open();
  ++store_.inside_;
  ++depth;
}

Store::Inside::~Inside() {
  --depth;
  if (--store_.inside_ != 0 || !store_.closing_) return;
  const std::scoped_lock lock(store_.mutex_);
  store_.left_.notify_all();
}

}  // namespace pymsg
