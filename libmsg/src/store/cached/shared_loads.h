// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace msg {

/// What was read from the store or a cache, and what it answers.
struct Loaded {
  std::string key;
  std::string bytes;
};
using LoadedPtr = std::shared_ptr<const Loaded>;

/// Lets those who want the same at the same time wait for the one who is fetching it. What went
/// wrong is not shared: each then asks for itself.
///
/// Thread safety: all calls from any thread.
class SharedLoads {
  struct Flight {
    std::mutex mutex;
    std::condition_variable landed;
    bool is_over{false};
    int joined{0};  ///< Beside who leads. Guarded by SharedLoads::mutex_.
    LoadedPtr loaded;
  };

 public:
  /// A part in a load, as the one who does it or as one of those who wait.
  ///
  /// Lifetime: ends before the SharedLoads. Thread safety: one thread at a time.
  class Part {
   public:
    Part() = default;
    Part(SharedLoads& all, std::string place, std::shared_ptr<Flight> flight, bool leads)
        : all_(&all), place_(std::move(place)), flight_(std::move(flight)), leads_(leads) {}
    Part(Part&& other) noexcept { swap(other); }
    Part& operator=(Part&& other) noexcept {
      swap(other);
      return *this;
    }
    /// Who leads and gave nothing has the others go on by themselves.
    ~Part() { finish(nullptr); }

    explicit operator bool() const { return flight_ != nullptr; }
    bool leads() const { return leads_; }
    /// To all who wait.
    void give(LoadedPtr loaded) { finish(std::move(loaded)); }
    /// Lets nobody join any more. False: nobody has, and it is over.
    bool close();
    /// Null: nothing came of it, or not in that time.
    LoadedPtr wait(std::chrono::milliseconds longest);

   private:
    void swap(Part& other) noexcept;
    void finish(LoadedPtr loaded);
    int leave();

    SharedLoads* all_{nullptr};
    std::string place_;
    std::shared_ptr<Flight> flight_;
    bool leads_{false};
    bool closed_{false};
  };

  /// Leads where nobody else does.
  Part join(const std::string& place);
  /// To wait for who leads there; empty when nobody does.
  Part find(const std::string& place);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace msg
