// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "power/ledger.h"
#include "power/platter.h"
#include "power/stores.h"

namespace msg::power {

/// Cuts the power after a step, in one way, and looks at what is left.
///
/// An image that was looked at before, with the same ledger, is not looked at again: most steps
/// are writes, and what drops them all leaves the same.
class Sweep {
 public:
  /// `seed` is of the random cuts, of each by its place: one alone comes out as it does among all.
  Sweep(Kind kind, unsigned seed) : kind_(kind), seed_(seed) {}

  /// After the first `position` steps that `platter` took.
  void cut(const Platter& platter, const Ledger& ledger, Position position, Cut how,
           unsigned variant = 0);
  /// In every way, `randoms` times at random.
  void cut_in_every_way(const Platter& platter, const Ledger& ledger, Position position,
                        unsigned randoms);

  std::size_t cuts() const { return cuts_; }
  std::size_t images() const { return images_.size(); }
  /// The first ones, with the place, the way and where the image is kept.
  const std::vector<std::string>& findings() const { return findings_; }
  bool found_enough() const { return findings_.size() >= 5; }
  /// Where there are to be findings, their images are not worth keeping.
  void keep_no_images() { keeps_images_ = false; }

 private:
  Kind kind_;
  unsigned seed_;
  bool keeps_images_{true};
  std::size_t cuts_{0};
  std::set<std::pair<std::size_t, std::size_t>> images_;  // hash, weight of the ledger
  std::vector<std::string> findings_;
};

}  // namespace msg::power
