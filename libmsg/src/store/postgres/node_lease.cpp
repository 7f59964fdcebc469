// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/node_lease.h"

#include <sodium.h>

#include <charconv>
#include <utility>

namespace msg::postgres {
namespace {

constexpr std::chrono::milliseconds kQuick = std::chrono::seconds(5);
constexpr int kProlongedPerLength = 6;
constexpr int kAttempts = 20;

std::int64_t make_holder() {
  std::int64_t holder = 0;
  randombytes_buf(&holder, sizeof holder);
  return holder;
}

std::string until(std::chrono::milliseconds length) {
  return "clock_timestamp() + interval '" + std::to_string(length.count()) + " milliseconds'";
}

}  // namespace

NodeLease::NodeLease(Connector& connector, Log log, Terms terms)
    : connector_(connector), log_(std::move(log)), terms_(terms), holder_(make_holder()) {}

Result<std::unique_ptr<NodeLease>> NodeLease::take(Connector& connector, Log log, Terms terms) {
  std::unique_ptr<NodeLease> lease(new NodeLease(connector, std::move(log), terms));
  // Of two that want the same number one gets it, and the other the next.
  for (int i = 0; i < kAttempts; ++i) {
    MSG_TRY(const bool taken, lease->take_one());
    if (!taken) continue;
    lease->thread_ = std::thread([self = lease.get()] { self->prolong_until_end(); });
    return lease;
  }
  return unavailable("every node number is taken");
}

NodeLease::~NodeLease() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (!thread_.joinable()) return;
  thread_.join();
  (void)ask("DELETE FROM node_lease WHERE node = " + std::to_string(node_) +
            " AND holder = " + std::to_string(holder_) + " RETURNING node");
}

bool NodeLease::is_held() const {
  const std::scoped_lock lock(mutex_);
  return !lost_ && std::chrono::steady_clock::now() < held_until_;
}

/// Whether there was an answer, which is the node. If so the number is held from before the
/// question on.
Result<bool> NodeLease::ask(const std::string& sql) {
  const auto asked = std::chrono::steady_clock::now();
  if (!connection_ || connection_->is_broken()) {
    MSG_TRY(connection_, connector_.connect());
  }
  auto answer = connection_->execute(sql, kQuick);
  if (!answer) connection_.reset();
  MSG_CHECK(answer);
  answer_ = *std::move(answer);
  if (answer_.empty()) return false;
  const std::scoped_lock lock(mutex_);
  held_until_ = asked + terms_.length - terms_.margin;
  return true;
}

Result<bool> NodeLease::take_one() {
  const std::string end = until(terms_.length);
  MSG_TRY(const bool taken,
          ask("INSERT INTO node_lease (node, holder, expires_at) SELECT n, " +
              std::to_string(holder_) + ", " + end +
              " FROM generate_series(1, 1023) n LEFT JOIN node_lease l ON l.node = n"
              " WHERE l.node IS NULL OR l.expires_at < clock_timestamp() ORDER BY n LIMIT 1"
              " ON CONFLICT (node) DO UPDATE SET holder = excluded.holder,"
              " expires_at = excluded.expires_at WHERE node_lease.expires_at < clock_timestamp()"
              " RETURNING node"));
  if (!taken) return false;
  std::from_chars(answer_.data(), answer_.data() + answer_.size(), node_);
  return true;
}

void NodeLease::prolong_until_end() {
  std::unique_lock lock(mutex_);
  const auto pause = terms_.length / kProlongedPerLength;
  while (!wake_.wait_for(lock, pause, [this] { return stopping_; })) {
    if (lost_) continue;
    lock.unlock();
    prolong();
    lock.lock();
  }
}

/// While the server does not answer there is time until the end. That it has no such lease any
/// more is final: another may have had the number meanwhile.
void NodeLease::prolong() {
  const auto held = ask("UPDATE node_lease SET expires_at = " + until(terms_.length) +
                        " WHERE node = " + std::to_string(node_) +
                        " AND holder = " + std::to_string(holder_) + " RETURNING node");
  if (!held || *held) return;
  {
    const std::scoped_lock lock(mutex_);
    lost_ = true;
  }
  if (log_) {
    log_("another process has taken node number " + std::to_string(node_) +
         ", because this one was away for too long: it writes nothing more until it is restarted");
  }
}

}  // namespace msg::postgres
