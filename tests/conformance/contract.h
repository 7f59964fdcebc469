// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "msg/messenger.h"
#include "support/backends.h"

namespace msg::test {

/// A Messenger on a fresh store, with a clock that moves when told to, and people to play with.
class Contract : public testing::TestWithParam<Backend> {
 protected:
  Contract();
  ~Contract() override;

  /// Closes and opens again; only for durable backends.
  void reopen();

  User add_user(const std::string& name);
  ConversationId direct(const User& a, const User& b);
  ConversationId group(const User& owner, const std::vector<UserId>& others);
  /// Sends and expects success.
  Message send(const User& sender, ConversationId conversation, const std::string& content,
               const std::string& client_id = {});
  void send_many(const User& sender, ConversationId conversation, int count);
  void read(const User& user, ConversationId conversation, std::int64_t up_to);
  void delivered(const User& user, ConversationId conversation, std::int64_t up_to);
  std::int64_t unread(const User& user, ConversationId conversation);
  void advance(std::chrono::milliseconds by) { now_ms_ += by.count(); }
  Time now() const { return Time{std::chrono::milliseconds{now_ms_}}; }

  Options options_;
  TemporaryDirectory temporary_;
  const std::filesystem::path directory_;
  std::unique_ptr<Messenger> messenger_;

 private:
  std::atomic<std::int64_t> now_ms_{1'800'000'000'000};
  int users_{0};
};

std::vector<std::int64_t> seqs(const std::vector<Message>& messages);

/// Succeeds when `result` is an error of `code` at `field`.
template <class T>
testing::AssertionResult refuses(const Result<T>& result, Code code,
                                 const std::string& field = {}) {
  if (result) return testing::AssertionFailure() << "succeeded";
  const Error& error = result.error();
  if (error.code != code || (!field.empty() && error.field != field) || error.detail.empty()) {
    return testing::AssertionFailure()
           << to_string(error.code) << " at \"" << error.field << "\": " << error.detail;
  }
  return testing::AssertionSuccess();
}

/// The value of a result that must be one.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(to_string(result.error().code)) + ": " +
                             result.error().detail);
  }
  return *std::move(result);
}
inline void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().detail);
}

}  // namespace msg::test
