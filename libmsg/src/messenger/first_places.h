// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "store/rows.h"

namespace msg {

/// The conversations that come first behind some place of a list, of all that it is given; it never
/// holds more than some pages of them.
class FirstPlaces {
 public:
  FirstPlaces(const std::optional<ListPlace>& behind, std::size_t count)
      : behind_(behind), count_(count) {}

  void add(const ListPlace& place) {
    if (behind_ && place >= *behind_) return;
    places_.push_back(place);
    if (places_.size() >= 4 * count_) keep();
  }

  /// In no order.
  std::vector<ConversationId> take() {
    keep();
    std::vector<ConversationId> ids;
    ids.reserve(places_.size());
    for (const ListPlace& place : places_) ids.push_back(place.conversation);
    return ids;
  }

 private:
  void keep() {
    if (places_.size() <= count_) return;
    std::ranges::nth_element(places_, places_.begin() + static_cast<std::ptrdiff_t>(count_),
                             std::greater{});
    places_.resize(count_);
  }

  std::optional<ListPlace> behind_;
  std::size_t count_;
  std::vector<ListPlace> places_;
};

}  // namespace msg
