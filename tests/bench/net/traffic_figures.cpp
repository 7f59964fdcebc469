// SPDX-License-Identifier: Apache-2.0
#include "net/traffic_figures.h"

#include "figures.h"

namespace msg::bench {

void TrafficFigures::add(const Traffic& traffic) {
  const std::vector<double> acks(traffic.ack_us.begin(), traffic.ack_us.end());
  const std::vector<double> whole(traffic.whole_us.begin(), traffic.whole_us.end());
  ack_p50_.push_back(percentile(acks, 0.5));
  ack_p99_.push_back(percentile(acks, 0.99));
  whole_p50_.push_back(percentile(whole, 0.5));
  whole_p99_.push_back(percentile(whole, 0.99));
  cpu_.push_back(traffic.server_cpu_us * 1e-2);
  generator_.push_back(traffic.generator_cpu_us * 1e-2);
}

void TrafficFigures::note(Row& row) const {
  row.note("ack_p50_us", percentile(ack_p50_, 0.5));
  row.note("ack_p99_us", percentile(ack_p99_, 0.5));
  row.note("whole_p50_us", percentile(whole_p50_, 0.5));
  row.note("whole_p99_us", percentile(whole_p99_, 0.5));
  row.note("cpu_s_per_10k", percentile(cpu_, 0.5));
  row.note("generator_cpu_s_per_10k", percentile(generator_, 0.5));
}

}  // namespace msg::bench
