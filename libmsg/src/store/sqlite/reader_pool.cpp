// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/reader_pool.h"

#include <algorithm>

namespace msg::sqlite {

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::string& path, int size) {
  auto pool = std::make_unique<ReaderPool>();
  for (int i = 0; i < std::max(size, 1); ++i) {
    MSG_TRY(auto connection, Connection::open(path, Connection::Role::reader));
    pool->free_.push_back(connection.get());
    pool->owned_.push_back(std::move(connection));
  }
  return pool;
}

Result<ReaderPool::Lease> ReaderPool::borrow(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  if (!freed_.wait_for(lock, wait, [this] { return !free_.empty(); })) {
    return std::unexpected(Error{.code = Code::overloaded,
                                 .detail = "all reader connections are in use",
                                 .field = {},
                                 .retry_after = std::chrono::seconds(1)});
  }
  Lease lease(free_.back(), Return{this});
  free_.pop_back();
  return lease;
}

void ReaderPool::give_back(Connection* connection) {
  connection->rollback();
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(connection);
  }
  freed_.notify_one();
}

}  // namespace msg::sqlite
