// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/node_lease.h"

#include <sodium.h>

#include <charconv>
#include <utility>

#include "store/store.h"

namespace msg::postgres {
namespace {

constexpr int kNodeMax = 1023;
constexpr int kWriters = static_cast<int>(kWritersMax);
constexpr std::chrono::milliseconds kLeasePatience = std::chrono::seconds(5);
constexpr int kProlongedPerLength = 6;
constexpr int kAttemptsPerLength = 60;  ///< While the server does not answer.

std::int64_t make_holder() {
  std::int64_t holder = 0;
  randombytes_buf(&holder, sizeof holder);
  return holder;
}

std::string until(std::chrono::milliseconds length) {
  return "clock_timestamp() + interval '" + std::to_string(length.count()) + " milliseconds'";
}

std::string is_mine(std::int64_t node, std::int64_t holder) {
  return " WHERE node = " + std::to_string(node) + " AND holder = " + std::to_string(holder);
}

}  // namespace

NodeLease::NodeLease(Connector& connector, Log log, Terms terms)
    : connector_(connector), log_(std::move(log)), terms_(terms), holder_(make_holder()) {}

Result<std::unique_ptr<NodeLease>> NodeLease::take(Connector& connector, Log log, Terms terms) {
  std::unique_ptr<NodeLease> lease(new NodeLease(connector, std::move(log), terms));
  MSG_CHECK(lease->take_one({.first = kLeasedNodeMin, .step = 1}));
  lease->thread_ = std::thread([self = lease.get()] { self->prolong_until_end(); });
  return lease;
}

NodeLease::~NodeLease() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (!thread_.joinable()) return;
  thread_.join();
  if (!connection_ || connection_->is_broken()) return;
  (void)connection_->execute("DELETE FROM node_lease" + is_mine(node_, holder_), kLeasePatience);
}

NodeLease::Tag NodeLease::tag() const {
  const std::scoped_lock lock(mutex_);
  return {.node = node_, .holder = holder_};
}

bool NodeLease::is_held() const {
  const std::scoped_lock lock(mutex_);
  return Clock::now() < held_until_;
}

void NodeLease::doubt() {
  {
    const std::scoped_lock lock(mutex_);
    doubted_ = true;
  }
  wake_.notify_one();
}

void NodeLease::hold(std::int64_t node, Clock::time_point asked) {
  const std::scoped_lock lock(mutex_);
  node_ = node;
  held_until_ = asked + terms_.length - terms_.margin;
}

Result<std::string> NodeLease::ask(const std::string& sql) {
  if (!connection_ || connection_->is_broken()) {
    MSG_TRY(connection_, connector_.connect());
  }
  return connection_->execute(sql, kLeasePatience);
}

/// Of two that want the same number one gets it, and the other looks for the next; so does who has
/// waited in vain for the end of a commit with it.
Result<void> NodeLease::take_one(Range range) {
  while (range.first <= kNodeMax) {
    MSG_TRY(const auto found,
            ask("SELECT n FROM generate_series(" + std::to_string(range.first) + ", " +
                std::to_string(kNodeMax) + ", " + std::to_string(range.step) +
                ") n LEFT JOIN node_lease l ON l.node = n"
                " WHERE l.node IS NULL OR l.expires_at < clock_timestamp() ORDER BY n LIMIT 1"));
    if (found.empty()) break;
    int node = 0;
    std::from_chars(found.data(), found.data() + found.size(), node);
    const auto is_ours = claim(node);
    if (is_ours && *is_ours) return {};
    if (!is_ours && connection_->is_broken()) return std::unexpected(is_ours.error());
    range.first = node + range.step;
  }
  return unavailable("every node number is taken");
}

/// One transaction. The lock waits for whoever is committing with the number, who has asked whether
/// it has the lease; whoever comes after is told that it has not.
Result<bool> NodeLease::claim(int node) {
  const auto asked = Clock::now();
  const std::string writer = std::to_string(node % kWriters);
  const std::string number = std::to_string(node);
  MSG_TRY(const auto answer,
          ask("INSERT INTO writer (id, last_version) VALUES (" + writer +
              ", 0) ON CONFLICT DO NOTHING;"
              "SELECT 'locked' FROM writer WHERE id = " +
              writer + " FOR NO KEY UPDATE; INSERT INTO node_lease (node, holder, expires_at)" +
              " VALUES (" + number + ", " + std::to_string(holder_) + ", " + until(terms_.length) +
              ") ON CONFLICT (node) DO UPDATE SET holder = excluded.holder,"
              " expires_at = excluded.expires_at WHERE node_lease.expires_at < clock_timestamp()"
              " RETURNING node"));
  if (answer != number) return false;
  hold(node, asked);
  return true;
}

void NodeLease::prolong_until_end() {
  std::unique_lock lock(mutex_);
  auto pause = terms_.length / kProlongedPerLength;
  while (true) {
    wake_.wait_for(lock, pause, [this] { return stopping_ || doubted_; });
    if (stopping_) return;
    doubted_ = false;
    lock.unlock();
    pause = terms_.length / (prolong() ? kProlongedPerLength : kAttemptsPerLength);
    lock.lock();
  }
}

/// While the server does not answer there is time until the end, and even then the number may still
/// be ours. That the server knows of no such lease any more is final: another may have used it.
bool NodeLease::prolong() {
  const auto asked = Clock::now();
  const auto node = tag().node;
  const auto answer = ask("UPDATE node_lease SET expires_at = " + until(terms_.length) +
                          is_mine(node, holder_) + " RETURNING node");
  if (!answer) return false;
  if (answer->empty()) return take_another();
  hold(node, asked);
  return true;
}

/// The writer stays, because what was given out says that we are that one.
bool NodeLease::take_another() {
  const auto lost = tag().node;
  hold(lost, Clock::time_point::min());
  const int first = kLeasedNodeMin + static_cast<int>(lost) % kWriters;
  const auto taken = take_one({.first = first, .step = kWriters});
  if (log_) {
    log_("this process was away for too long, and has lost node number " + std::to_string(lost) +
         (taken ? "; it goes on as " + std::to_string(tag().node)
                : ", and writes nothing until it has another: " + taken.error().detail));
  }
  return taken.has_value();
}

}  // namespace msg::postgres
