// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "bus/buses.h"
#include "bus/channels.h"
#include "bus/outbox.h"

namespace msg {
namespace {

class LocalBus;

/// All buses of one name.
struct Crowd {
  std::mutex mutex;
  std::vector<LocalBus*> members;
};

/// Each end has a queue and a thread of its own, as it would have with a network in between.
class LocalBus final : public Bus {
 public:
  LocalBus(std::shared_ptr<Crowd> crowd, const BusOptions& options)
      : crowd_(std::move(crowd)), inbox_(options.waiting_bytes_max), thread_([this] { loop(); }) {
    const std::scoped_lock lock(crowd_->mutex);
    crowd_->members.push_back(this);
  }

  ~LocalBus() override {
    {
      const std::scoped_lock lock(crowd_->mutex);
      std::erase(crowd_->members, this);
    }
    inbox_.stop();
    thread_.join();
  }

  void publish(std::string_view channel, std::string payload) override {
    const std::scoped_lock lock(crowd_->mutex);
    for (LocalBus* const member : crowd_->members) {
      if (!member->inbox_.push(channel, payload)) ++member->dropped_;
    }
    ++sent_;
  }

  void listen(std::string_view channel, Handler handler) override {
    channels_.listen(channel, std::move(handler));
  }

  void stop_listening(std::string_view channel) override { channels_.stop_listening(channel); }

  BusState state() const override {
    return {.connected = true, .sent = sent_, .received = received_, .dropped = dropped_};
  }

 private:
  void loop() {
    while (!inbox_.is_stopping()) {
      for (const auto& letter : inbox_.take(std::chrono::hours(1))) {
        if (inbox_.is_stopping()) return;
        ++received_;
        channels_.hand_over(letter.channel, letter.payload);
      }
    }
  }

  const std::shared_ptr<Crowd> crowd_;
  Channels channels_;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> dropped_{0};
  Outbox inbox_;
  std::thread thread_;  // last: it uses all the others
};

std::shared_ptr<Crowd> crowd_of(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Crowd>, std::less<>> crowds;
  const std::scoped_lock lock(mutex);
  auto& kept = crowds[std::string(name)];
  auto crowd = kept.lock();
  if (!crowd) kept = crowd = std::make_shared<Crowd>();
  return crowd;
}

}  // namespace

std::shared_ptr<Bus> open_local_bus(std::string_view name, const BusOptions& options) {
  return std::make_shared<LocalBus>(crowd_of(name), options);
}

}  // namespace msg
