// SPDX-License-Identifier: Apache-2.0
#include "ops/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace msgd {
namespace {

std::uint64_t load(const Metrics::Counter& counter) {
  return counter.load(std::memory_order_relaxed);
}

void append(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            auto value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help,
                 type, value);
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t open_files() {
  std::error_code ec;
  const std::filesystem::directory_iterator fds("/proc/self/fd", ec);
  if (ec) return 0;
  return static_cast<std::size_t>(std::distance(begin(fds), end(fds)));
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void append_process(std::string& out) {
  append(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
  append(out, "process_open_fds", "gauge", "Open file descriptors.", open_files());
  append(out, "process_cpu_seconds_total", "counter", "User and system time.", cpu_seconds());
}

}  // namespace

Metrics::Metrics(std::vector<std::string> route_names)
    : route_names_(std::move(route_names)),
      series_(std::make_unique<Series[]>(route_names_.size() + 1)) {
  route_names_.emplace_back("none");
}

void Metrics::count_request(std::size_t route, int status, std::chrono::nanoseconds took) {
  Series& series = series_[std::min(route, route_names_.size() - 1)];
  const auto cls = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
  series.by_class.at(cls).fetch_add(1, std::memory_order_relaxed);
  const double seconds = std::chrono::duration<double>(took).count();
  const auto* const bucket = std::ranges::lower_bound(kBucketSeconds, seconds);
  const auto index = static_cast<std::size_t>(bucket - kBucketSeconds.begin());
  series.buckets.at(index).fetch_add(1, std::memory_order_relaxed);
  series.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
}

std::string Metrics::to_text() const {
  std::string out;
  out.reserve(32 * 1024);
  fmt::format_to(std::back_inserter(out),
                 "# HELP msgd_build_info What runs here.\n# TYPE msgd_build_info gauge\n"
                 "msgd_build_info{{version=\"{}\"}} 1\n",
                 MSG_VERSION);
  append_requests(out);
  append_latency(out);
  append(out, "msgd_sends_acknowledged_total", "counter",
         "Messages acknowledged to their senders, repeated sends included.",
         load(sends_acknowledged));
  append(out, "msgd_ws_connections", "gauge", "Open WebSockets.", load(ws_connections));
  append(out, "msgd_event_streams", "gauge", "Open event streams.", load(event_streams));
  append(out, "msgd_long_polls", "gauge", "Requests that wait for something to happen.",
         load(long_polls));
  append(out, "msgd_ws_frames_in_total", "counter", "WebSocket requests read.", load(ws_frames_in));
  append(out, "msgd_ws_frames_out_total", "counter", "Frames and stream events queued.",
         load(ws_frames_out));
  append(out, "msgd_ws_resyncs_total", "counter", "Times a slow session went back to syncing.",
         load(ws_resyncs));
  append_process(out);
  return out;
}

void Metrics::append_requests(std::string& out) const {
  out += "# HELP msgd_http_requests_total Answered requests.\n";
  out += "# TYPE msgd_http_requests_total counter\n";
  for (std::size_t i = 0; i < route_names_.size(); ++i) {
    for (std::size_t cls = 0; cls < 5; ++cls) {
      const auto count = load(series_[i].by_class.at(cls));
      if (count == 0) continue;
      fmt::format_to(std::back_inserter(out),
                     "msgd_http_requests_total{{route=\"{}\",status=\"{}xx\"}} {}\n",
                     route_names_[i], cls + 1, count);
    }
  }
}

void Metrics::append_latency(std::string& out) const {
  constexpr std::string_view kName = "msgd_http_request_seconds";
  fmt::format_to(std::back_inserter(out),
                 "# HELP {0} From the last byte of a request to its answer.\n"
                 "# TYPE {0} histogram\n",
                 kName);
  for (std::size_t i = 0; i < route_names_.size(); ++i) {
    const Series& series = series_[i];
    std::uint64_t sum = 0;
    for (const auto& bucket : series.buckets) sum += load(bucket);
    if (sum == 0) continue;
    std::uint64_t so_far = 0;
    for (std::size_t b = 0; b < kBucketSeconds.size(); ++b) {
      so_far += load(series.buckets.at(b));
      fmt::format_to(std::back_inserter(out), "{}_bucket{{route=\"{}\",le=\"{}\"}} {}\n", kName,
                     route_names_[i], kBucketSeconds.at(b), so_far);
    }
    so_far += load(series.buckets.back());
    fmt::format_to(std::back_inserter(out),
                   "{0}_bucket{{route=\"{1}\",le=\"+Inf\"}} {2}\n{0}_sum{{route=\"{1}\"}} {3}\n"
                   "{0}_count{{route=\"{1}\"}} {2}\n",
                   kName, route_names_[i], so_far,
                   static_cast<double>(load(series.nanoseconds)) / 1e9);
  }
}

}  // namespace msgd
