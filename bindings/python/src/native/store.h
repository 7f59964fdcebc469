// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "errors.h"
#include "gil.h"
#include "make.h"
#include "msg/messenger.h"

namespace pymsg {

class Store;

/// What needs an open Messenger: a subscription, a sign-in, the presence of people. It ends when
/// the store is closed, if not earlier.
class Part {
 public:
  explicit Part(std::shared_ptr<Store> store);
  virtual ~Part();
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  /// Lets go of what belongs to the Messenger. With the GIL; more than once.
  virtual void end() = 0;
  /// Ends waits inside calls of it, for the store is to be closed. With the GIL.
  virtual void interrupt() {}

 protected:
  /// For end() and destructors: gives up what a parent process owns, destroys what is our own.
  template <class T>
  void destroy(T& owned);

  const std::shared_ptr<Store> store_;
};

/// An open Messenger, in the hands of Python: counts who is inside, so that closing waits for them,
/// and knows when it is in another process than the one that opened it.
///
/// Thread safety: everything with the GIL, which guards its members.
class Store : public std::enable_shared_from_this<Store> {
 public:
  Store(const std::string& url, msg::Options options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Calls `work` with the Messenger and without the GIL. Raises Closed.
  template <class Work>
  auto run(Work work) {
    const Inside inside(*this);
    const Released released;
    return work(*messenger_);
  }
  /// The same for what returns a Result: its value, or its error is raised.
  template <class Work>
  auto value(Work work) {
    auto result = run(std::move(work));
    if (!result) throw_error(result.error());
    if constexpr (!std::is_void_v<typename decltype(result)::value_type>) {
      return std::move(*result);
    }
  }
  /// The same, made into Python. `reader`: as of make().
  template <class Work, class... Reader>
  py::object call(Work work, Reader... reader) {
    auto result = run(std::move(work));
    if (!result) throw_error(result.error());
    if constexpr (std::is_void_v<typename decltype(result)::value_type>) {
      return py::none();
    } else {
      return py::reinterpret_steal<py::object>(make(*result, reader...));
    }
  }
  /// For pages of what depends on the reader.
  template <class Work>
  py::object page(Work work, msg::UserId reader) {
    const auto page = value(std::move(work));
    return py::reinterpret_steal<py::object>(
        make_page(page, [reader](const auto& item) { return make(item, reader); }));
  }

  /// Ends everything that was made of it, waits for who is inside, and closes the store. Again does
  /// nothing.
  void close();
  bool is_closed() const { return closing_ || is_foreign(); }
  /// Opened by the process that this one was forked from.
  bool is_foreign() const { return generation_ != process_generation(); }
  /// Raises Closed unless it is open.
  void require_open() const;

  /// All that are open, for the end of the interpreter.
  static void close_all();

 private:
  friend class Part;
  /// Somebody who is inside, from before the GIL is released until after it is taken again.
  class Inside {
   public:
    explicit Inside(Store& store);
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Store& store_;
  };
  void wait_until_left();

  const std::uint32_t generation_;
  std::unique_ptr<msg::Messenger> messenger_;
  std::vector<Part*> parts_;  // in the order of making: who needs another ends before it
  std::atomic<int> inside_{0};
  bool closing_{false};
  std::mutex mutex_;  // with the condition: waited for without the GIL
  std::condition_variable left_;
};

template <class T>
void Part::destroy(T& owned) {
  if (!owned) return;
  if (store_->is_foreign()) {
    (void)owned.release();
    return;
  }
  auto last = std::move(owned);
  const Released released;
  last.reset();
}

}  // namespace pymsg
