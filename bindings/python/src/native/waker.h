// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <mutex>
#include <variant>
#include <vector>

#include "msg/messenger.h"

namespace pymsg {

namespace py = pybind11;

/// Where threads of the library leave what an event loop waits for. The loop watches fd(): there is
/// one byte to read when there is anything to drain, however much it is. So the thread that commits
/// never waits for Python, and the outcomes of a commit cross over together.
///
/// Thread safety: post() from any thread, without the GIL; the rest with it.
class Waker {
 public:
  struct Sent {
    msg::Result<msg::Message> outcome;
    msg::UserId reader;
  };
  /// Of something that has more to say for itself.
  struct Ready {};
  using News = std::variant<Sent, msg::Result<msg::Member>, Ready>;

  Waker();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  int fd() const { return read_end_; }
  void post(std::int64_t token, News news);
  /// (token, value or exception or None) for each.
  py::list drain();

 private:
  struct Item {
    std::int64_t token;
    News news;
  };
  int read_end_{-1};
  int write_end_{-1};
  std::mutex mutex_;
  std::vector<Item> items_;
};

}  // namespace pymsg
