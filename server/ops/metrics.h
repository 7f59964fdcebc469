// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace msgd {

/// Counters of the server in the text format of Prometheus.
///
/// The labels are the routes of the table and the five classes of status, so the number of series
/// is fixed at the start whatever is asked of the server. A count is one relaxed addition.
///
/// Thread safety: all calls from any thread.
class Metrics {
 public:
  using Counter = std::atomic<std::uint64_t>;

  /// `route_names`: "GET /api/v1/me", in the order of the numbers given to count_request(). The
  /// number behind the last stands for requests that fit no route.
  explicit Metrics(std::vector<std::string> route_names);

  void count_request(std::size_t route, int status, std::chrono::nanoseconds took);

  /// All series, with the state of the process.
  std::string to_text() const;

  Counter sends_acknowledged{0};
  Counter ws_connections{0};  ///< Open now.
  Counter event_streams{0};   ///< Open now.
  Counter long_polls{0};      ///< Waiting now.
  Counter ws_frames_in{0};
  Counter ws_frames_out{0};  ///< Events of streams included.
  Counter ws_resyncs{0};     ///< Times a session read too slowly, and began to sync again.

 private:
  static constexpr std::array<double, 12> kBucketSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                         0.05,   0.1,   0.25,   0.5,   1.0,  2.5};
  struct Series {
    std::array<Counter, 5> by_class{};  ///< 1xx … 5xx
    std::array<Counter, kBucketSeconds.size() + 1> buckets{};
    Counter nanoseconds{0};
  };

  void append_requests(std::string& out) const;
  void append_latency(std::string& out) const;

  std::vector<std::string> route_names_;
  std::unique_ptr<Series[]> series_;  // route_names_.size() + 1; atomics do not move
};

}  // namespace msgd
