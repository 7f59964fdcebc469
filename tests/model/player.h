// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/answer.h"
#include "model/device.h"
#include "model/model.h"
#include "model/names.h"
#include "model/operation.h"
#include "msg/messenger.h"

namespace msg::test {

/// Carries operations out, by Model or by Messenger, and keeps what later ones refer to.
template <class Facade>
class Player {
 public:
  explicit Player(Facade& facade) : facade_(&facade) {}

  Answer play(const Operation& operation);
  /// In the order in which they were given, the empty ones too.
  const std::vector<std::string>& cursors() const { return cursors_; }
  /// Goes on with the same store, opened again.
  void set_facade(Facade& facade) { facade_ = &facade; }

 private:
  struct Call;

  Facade* facade_;
  Names names_;
  std::vector<std::string> cursors_;
  std::map<UserId, Device> devices_;
  std::set<UserId> switched_;  ///< By the model's ids.
};

extern template class Player<Model>;
extern template class Player<Messenger>;

}  // namespace msg::test
