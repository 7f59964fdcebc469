// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "msg/types.h"

namespace msg {

/// How many writers of one store sync tells apart. More may write; some then take turns. It is
/// bounded because cursors carry a version of each, and stay under 1 KiB.
inline constexpr std::size_t kWritersMax = 24;

/// Names a commit of one writer. A writer commits one transaction at a time with rising versions,
/// so of each writer a snapshot sees the commits up to one of them, and none behind it.
struct Stamp {
  Version version{};
  std::size_t writer{};
};

/// What a snapshot sees, as one version per writer (a version vector; Parker et al. 1983). Nothing
/// is assumed about how the clocks or the commits of two writers lie to each other. A store with
/// one writer uses the first place only.
struct Horizon {
  std::array<Version, kWritersMax> up_to{};

  bool sees(const Stamp& stamp) const { return stamp.version <= up_to.at(stamp.writer); }
  /// Whether all that this one sees, `other` sees too.
  bool within(const Horizon& other) const {
    return std::ranges::equal(up_to, other.up_to, std::ranges::less_equal{});
  }
  bool operator==(const Horizon&) const = default;
};

/// A time in which one process had a store open and wrote to it. Its versions are those of the
/// writer above `from`, up to where the next one begins. A store that was restored from a backup
/// goes on in a life of its own: so a version of the part that was lost is told from one given
/// since, although the numbers overlap.
struct Life {
  std::size_t writer{};
  Version from{};
  std::uint32_t tag{};  ///< Random, not 0.
  bool operator==(const Life&) const = default;
};

/// Of each writer the tag of the life in which a Horizon's version was given; 0: there was none.
using LifeTags = std::array<std::uint32_t, kWritersMax>;

/// What both see.
inline Horizon meet(const Horizon& a, const Horizon& b) {
  Horizon both;
  std::ranges::transform(a.up_to, b.up_to, both.up_to.begin(),
                         [](Version x, Version y) { return std::min(x, y); });
  return both;
}

}  // namespace msg
