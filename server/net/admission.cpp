// SPDX-License-Identifier: Apache-2.0
#include "net/admission.h"

#include <functional>
#include <string_view>
#include <utility>

namespace msgd {

// A customer is given a /64 at least: its addresses cost nothing.
PeerAddress peer_address(const IpAddress& address) {
  return {.network = address.is_v4() ? address : address.prefix(64),
          .exempt = address.is_loopback()};
}

std::size_t Admission::Hash::operator()(const PeerAddress& peer) const noexcept {
  std::string_view bytes(reinterpret_cast<const char*>(peer.network.bytes.data()),
                         peer.network.bytes.size());
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

bool Admission::Ticket::move_to(const PeerAddress& peer) {
  if (!owner_->move(peer_, peer, proven_)) return false;
  peer_ = peer;
  return true;
}

std::optional<Admission::Ticket> Admission::admit(const PeerAddress& peer) {
  const std::lock_guard lock(mutex_);
  if (total_.all >= limits_.connections_max || !has_room(peer, false)) return std::nullopt;
  ++total_.all;
  enter(peer, false);
  return Ticket(*this, peer);
}

bool Admission::has_room(const PeerAddress& peer, bool proven) const {
  if (peer.exempt) return true;
  if (!proven && total_.unproven >= limits_.unproven_max) return false;
  const auto found = by_address_.find(peer);
  if (found == by_address_.end()) return true;
  return found->second.all < limits_.per_address_max &&
         (proven || found->second.unproven < limits_.unproven_per_address_max);
}

void Admission::enter(const PeerAddress& peer, bool proven) {
  if (peer.exempt) return;
  Counts& counts = by_address_[peer];
  ++counts.all;
  if (proven) return;
  ++counts.unproven;
  ++total_.unproven;
}

void Admission::exit(const PeerAddress& peer, bool proven) {
  if (peer.exempt) return;
  const auto found = by_address_.find(peer);
  if (!proven) {
    --total_.unproven;
    --found->second.unproven;
  }
  if (--found->second.all == 0) by_address_.erase(found);
}

void Admission::prove(const PeerAddress& peer) {
  if (peer.exempt) return;
  const std::lock_guard lock(mutex_);
  --total_.unproven;
  --by_address_[peer].unproven;
}

bool Admission::move(const PeerAddress& from, const PeerAddress& to, bool proven) {
  const std::lock_guard lock(mutex_);
  if (from == to) return true;
  if (!has_room(to, proven)) return false;
  exit(from, proven);
  enter(to, proven);
  return true;
}

void Admission::leave(const PeerAddress& peer, bool proven) {
  const std::lock_guard lock(mutex_);
  --total_.all;
  exit(peer, proven);
}

std::size_t Admission::connections() const {
  const std::lock_guard lock(mutex_);
  return total_.all;
}

}  // namespace msgd
