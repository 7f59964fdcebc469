// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/pool.h"

#include <algorithm>

namespace msg::postgres {

Result<std::unique_ptr<Connection>> Connector::connect() {
  {
    const std::scoped_lock lock(mutex_);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        not_before_ - std::chrono::steady_clock::now());
    if (failures_ > 0 && left.count() > 0) {
      auto refusal = unavailable("PostgreSQL could not be reached a moment ago");
      refusal.error().retry_after = left;
      return refusal;
    }
  }
  auto connection = Connection::open(settings_);
  const std::scoped_lock lock(mutex_);
  if (connection) {
    failures_ = 0;
  } else {
    ++failures_;
    not_before_ = std::chrono::steady_clock::now() + next_pause();
  }
  return connection;
}

std::chrono::milliseconds Connector::next_pause() {
  constexpr int kFirst = 100;
  constexpr int kLongest = 5'000;
  const int pause = std::min(kFirst << std::min(failures_ - 1, 6), kLongest);
  return std::chrono::milliseconds(pause / 2 + static_cast<int>(random_() % (pause / 2)));
}

Pool::Lease::~Lease() {
  if (pool_) pool_->give_back(std::move(connection_));
}

Result<void> Pool::Lease::renew() {
  MSG_TRY(connection_, pool_->connector_.connect());
  return {};
}

Result<Pool::Lease> Pool::borrow() {
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    const bool had =
        returned_.wait_for(lock, connector_.settings().timeout, [&] { return free_places_ > 0; });
    if (!had) {
      return std::unexpected(Error{.code = Code::overloaded,
                                   .detail = "All connections to PostgreSQL are in use.",
                                   .field = {},
                                   .retry_after = std::chrono::milliseconds(100)});
    }
    --free_places_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  Lease lease(*this, std::move(connection));
  if (!lease.operator->()) MSG_CHECK(lease.renew());
  return lease;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::scoped_lock lock(mutex_);
    ++free_places_;
    if (connection && !connection->is_broken()) idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace msg::postgres
