// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "msg/bus.h"
#include "msg/messenger.h"
#include "support/backends.h"
#include "support/postgres_server.h"

namespace msg::test {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

/// A fresh place on the server, and people in it.
class Postgres : public testing::Test {
 protected:
  void SetUp() override;

  /// One more process, as far as the store can tell. Nodes differ.
  std::unique_ptr<Messenger> open_node(int node, const std::string& more = {});
  /// The same, which hears of the others by the bus and by looking into the store.
  std::unique_ptr<Messenger> open_node(int node, std::shared_ptr<Bus> bus,
                                       std::chrono::milliseconds follow_interval);
  User add_user(Messenger& messenger, const std::string& name);
  Message send(Messenger& messenger, UserId sender, ConversationId conversation,
               const std::string& content, const std::string& client_id = {});
  static Draft draft(UserId sender, ConversationId conversation, const std::string& content,
                     const std::string& client_id = {});
  /// Asks the server, in the place of this test, until the answer is `wanted`.
  static void wait_until(const std::string& sql, const std::string& wanted);

  std::string url_;
  std::string place_;

 private:
  int users_{0};
};

/// The same for each backend that several processes may have open, and on the server of that one.
class SharedStore : public Postgres, public testing::WithParamInterface<Backend> {
 protected:
  void SetUp() override;

 private:
  TemporaryDirectory directory_;
};

/// Everything sync offers a user from a cursor on, by conversation, checked on the way: no hole in
/// a sequence, nothing twice.
class Follower {
 public:
  Follower(Messenger& messenger, UserId user) : messenger_(messenger), user_(user) {}

  /// Pages of `limit` conversations until there is no more. Returns how many messages came.
  int catch_up(int limit = 0);
  std::int64_t seen(ConversationId conversation) { return seen_[conversation]; }
  const std::string& cursor() const { return cursor_; }

 private:
  Messenger& messenger_;
  UserId user_;
  std::string cursor_;
  std::map<ConversationId, std::int64_t> seen_;
};

}  // namespace msg::test
