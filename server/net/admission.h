// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "ops/ip_address.h"

namespace msgd {

/// Whose connections are counted together: an IPv4 address or an IPv6 /64.
struct PeerAddress {
  IpAddress network;
  bool exempt{false};  ///< Counted in the total only.

  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

/// Loopback is exempt.
PeerAddress peer_address(const IpAddress& address);

struct AdmissionLimits {
  std::size_t connections_max{};
  std::size_t unproven_max{};
  std::size_t per_address_max{};
  std::size_t unproven_per_address_max{};
};

/// Decides who may connect while resources are scarce. A connection is unproven until it did
/// something useful, so that idle floods meet the tighter limits.
///
/// Thread safety: all calls from any thread.
class Admission {
 public:
  /// One admitted connection; leaves with its destruction. Must not outlive its Admission.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket();

    void prove();
    /// The connection is another's than was thought. False, and nothing changed: a limit is
    /// reached.
    bool move_to(const PeerAddress& peer);

   private:
    friend class Admission;
    Ticket(Admission& owner, const PeerAddress& peer) : owner_(&owner), peer_(peer) {}
    Admission* owner_;
    PeerAddress peer_;
    bool proven_{false};
  };

  explicit Admission(const AdmissionLimits& limits) : limits_(limits) {}

  /// nullopt: a limit is reached.
  std::optional<Ticket> admit(const PeerAddress& peer);

  std::size_t connections() const;

 private:
  struct Counts {
    std::size_t all{0};
    std::size_t unproven{0};
  };
  struct Hash {
    std::size_t operator()(const PeerAddress& peer) const noexcept;
  };

  bool has_room(const PeerAddress& peer, bool proven) const;
  void enter(const PeerAddress& peer, bool proven);
  void exit(const PeerAddress& peer, bool proven);
  void prove(const PeerAddress& peer);
  bool move(const PeerAddress& from, const PeerAddress& to, bool proven);
  void leave(const PeerAddress& peer, bool proven);

  const AdmissionLimits limits_;
  mutable std::mutex mutex_;
  Counts total_;
  std::unordered_map<PeerAddress, Counts, Hash> by_address_;
};

}  // namespace msgd
