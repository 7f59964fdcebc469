// SPDX-License-Identifier: Apache-2.0
#include "net/admission.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace msgd {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::array<std::uint8_t, 16> kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0, 0, 0, 1};

}  // namespace

PeerAddress peer_address(const std::array<std::uint8_t, 16>& v6) {
  PeerAddress peer{.bytes = v6};
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), v6.begin())) {
    peer.loopback = v6[12] == 127;
    return peer;
  }
  peer.loopback = v6 == kLoopback6;
  // A customer is given a /64 at least: its addresses cost nothing.
  std::fill(peer.bytes.begin() + 8, peer.bytes.end(), std::uint8_t{0});
  return peer;
}

std::size_t Admission::Hash::operator()(const PeerAddress& peer) const noexcept {
  std::string_view bytes(reinterpret_cast<const char*>(peer.bytes.data()), peer.bytes.size());
  return std::hash<std::string_view>{}(bytes);
}

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), peer_(other.peer_), proven_(other.proven_) {}

Admission::Ticket::~Ticket() {
  if (owner_ != nullptr) owner_->leave(peer_, proven_);
}

void Admission::Ticket::prove() {
  if (!std::exchange(proven_, true)) owner_->prove(peer_);
}

std::optional<Admission::Ticket> Admission::admit(const PeerAddress& peer) {
  const std::lock_guard lock(mutex_);
  if (total_.all >= limits_.connections_max) return std::nullopt;
  if (!peer.loopback) {
    if (total_.unproven >= limits_.unproven_max) return std::nullopt;
    const auto found = by_address_.find(peer);
    if (found != by_address_.end() &&
        (found->second.all >= limits_.per_address_max ||
         found->second.unproven >= limits_.unproven_per_address_max)) {
      return std::nullopt;
    }
    Counts& counts = by_address_[peer];
    ++counts.all;
    ++counts.unproven;
    ++total_.unproven;
  }
  ++total_.all;
  return Ticket(*this, peer);
}

void Admission::prove(const PeerAddress& peer) {
  if (peer.loopback) return;
  const std::lock_guard lock(mutex_);
  --total_.unproven;
  --by_address_[peer].unproven;
}

void Admission::leave(const PeerAddress& peer, bool proven) {
  const std::lock_guard lock(mutex_);
  --total_.all;
  if (peer.loopback) return;
  const auto found = by_address_.find(peer);
  if (!proven) {
    --total_.unproven;
    --found->second.unproven;
  }
  if (--found->second.all == 0) by_address_.erase(found);
}

std::size_t Admission::connections() const {
  const std::lock_guard lock(mutex_);
  return total_.all;
}

}  // namespace msgd
