// SPDX-License-Identifier: Apache-2.0
#include "figures.h"

#include <algorithm>
#include <string>

#include "resources.h"

namespace msg::bench {
namespace {

/// What the rounds of one side came to.
class Rounds {
 public:
  void add(const Sample& sample) {
    rates_.push_back(sample.rate);
    cpus_.push_back(sample.cpu_us);
    if (sample.latencies_us.empty()) return;
    const std::vector<double> latencies(sample.latencies_us.begin(), sample.latencies_us.end());
    middles_.push_back(percentile(latencies, 0.5));
    tails_.push_back(percentile(latencies, 0.99));
  }

  void note(Row& row, const std::string& prefix) const {
    row.note(prefix + "rate", percentile(rates_, 0.5));
    row.note(prefix + "rate_min", std::ranges::min(rates_));
    row.note(prefix + "rate_max", std::ranges::max(rates_));
    row.note(prefix + "cpu_us", percentile(cpus_, 0.5));
    if (middles_.empty()) return;
    row.note(prefix + "p50_us", percentile(middles_, 0.5));
    row.note(prefix + "p99_us", percentile(tails_, 0.5));
  }

 private:
  std::vector<double> rates_;
  std::vector<double> cpus_;
  std::vector<double> middles_;
  std::vector<double> tails_;
};

}  // namespace

Stopwatch::Stopwatch() : start_(std::chrono::steady_clock::now()), cpu_(cpu_seconds()) {}

double Stopwatch::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

Sample Stopwatch::sample(std::int64_t operations) const {
  const auto count = static_cast<double>(operations);
  return {.rate = count / seconds(), .cpu_us = (cpu_seconds() - cpu_) * 1e6 / count};
}

Sample repeat(double seconds, const std::function<std::int64_t()>& work) {
  std::vector<float> latencies;
  std::int64_t count = 0;
  const Stopwatch watch;
  for (double begin = 0; begin < seconds;) {
    count += work();
    const double end = watch.seconds();
    latencies.push_back(static_cast<float>((end - begin) * 1e6));
    begin = end;
  }
  Sample sample = watch.sample(count);
  sample.latencies_us = std::move(latencies);
  return sample;
}

void compare(Row& row, int rounds, const Side& baseline, const Side& ours) {
  Rounds of_baseline;
  Rounds of_ours;
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    // Who comes first changes too: what the first has left to be written out slows the second.
    const bool ours_first = round % 2 == 1;
    Sample mine = ours_first ? ours() : Sample{};
    const Sample other = baseline();
    if (!ours_first) mine = ours();
    of_baseline.add(other);
    of_ours.add(mine);
    ratios.push_back(mine.rate / other.rate);
  }
  of_ours.note(row, "");
  of_baseline.note(row, "base_");
  row.note("ratio", percentile(ratios, 0.5));
  row.note("ratio_min", std::ranges::min(ratios));
  row.note("ratio_max", std::ranges::max(ratios));
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  const auto middle =
      values.begin() + static_cast<std::ptrdiff_t>(std::min(place, values.size() - 1));
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace msg::bench
