// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "bus/buses.h"
#include "bus/channels.h"

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
      : crowd_(std::move(crowd)), options_(options), thread_([this] { loop(); }) {
    const std::scoped_lock lock(crowd_->mutex);
    crowd_->members.push_back(this);
  }

  ~LocalBus() override {
    {
      const std::scoped_lock lock(crowd_->mutex);
      std::erase(crowd_->members, this);
    }
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void publish(std::string_view channel, std::string payload) override {
    const std::scoped_lock lock(crowd_->mutex);
    for (LocalBus* const member : crowd_->members) member->push(channel, payload);
    const std::scoped_lock own(mutex_);
    ++state_.sent;
  }

  void listen(std::string_view channel, Handler handler) override {
    channels_.listen(channel, std::move(handler));
  }

  void stop_listening(std::string_view channel) override { channels_.stop_listening(channel); }

  BusState state() const override {
    const std::scoped_lock lock(mutex_);
    return state_;
  }

 private:
  struct Letter {
    std::string channel;
    std::string payload;
  };

  void push(std::string_view channel, const std::string& payload) {
    {
      const std::scoped_lock lock(mutex_);
      if (waiting_bytes_ + payload.size() > options_.waiting_bytes_max) {
        ++state_.dropped;
        return;
      }
      waiting_bytes_ += payload.size();
      letters_.push_back({std::string(channel), payload});
    }
    wake_.notify_one();
  }

  void loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !letters_.empty(); });
      if (stopping_) return;
      const Letter letter = std::move(letters_.front());
      letters_.pop_front();
      waiting_bytes_ -= letter.payload.size();
      ++state_.received;
      lock.unlock();
      channels_.hand_over(letter.channel, letter.payload);
      lock.lock();
    }
  }

  const std::shared_ptr<Crowd> crowd_;
  const BusOptions options_;
  Channels channels_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Letter> letters_;
  std::size_t waiting_bytes_{0};
  BusState state_{.connected = true};
  bool stopping_{false};
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
