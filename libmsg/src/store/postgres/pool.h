// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "store/postgres/connection.h"

namespace msg::postgres {

/// Makes connections. After a failure it waits before the next attempt, longer each time (0.1 to
/// 5 s, with a random part, so that many clients do not come back at once), and answers
/// unavailable meanwhile without asking anybody.
///
/// Thread safety: any thread.
class Connector {
 public:
  explicit Connector(Settings settings) : settings_(std::move(settings)) {}

  Result<std::unique_ptr<Connection>> connect();
  const Settings& settings() const { return settings_; }

 private:
  std::chrono::milliseconds next_pause();

  const Settings settings_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point not_before_;
  int failures_{0};
  std::minstd_rand random_{std::random_device{}()};
};

/// Connections for reading, made when needed, at most `size`. A broken one is thrown away.
///
/// Thread safety: any thread. Leases must end before the pool.
class Pool {
 public:
  Pool(Connector& connector, int size) : connector_(connector), free_places_(size) {}

  /// A borrowed connection, outside a transaction.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }
    /// Another, fresh connection in the place of a broken one.
    Result<void> renew();

   private:
    struct NoDelete {
      void operator()(Pool* /*pool*/) const {}
    };
    std::unique_ptr<Pool, NoDelete> pool_;  // empty when moved from
    std::unique_ptr<Connection> connection_;
  };

  /// Waits for a free one as long as a statement may take; then overloaded.
  Result<Lease> borrow();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  Connector& connector_;
  std::mutex mutex_;
  std::condition_variable returned_;
  int free_places_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace msg::postgres
