// SPDX-License-Identifier: Apache-2.0
#include "nodes/node_report.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "core/varint.h"

namespace msg {
namespace {

using std::chrono::milliseconds;

// report = leaves:byte status
// status = node version:text host:text address:text started_at:zigzag interval connections
//          sends frames store:byte bus:byte cache:byte ...
//
// Numbers are varints, rates in tenths, times in milliseconds; of a link 0 is down, 1 up, 2 none.
// What a later version has more stands behind, where this one does not read.

constexpr std::uint8_t kNone = 2;
constexpr milliseconds kIntervalMin{1};
constexpr milliseconds kIntervalMax{60'000};
constexpr double kRateMax = 1e12;
constexpr std::uint64_t kNumberMax = 1023;

bool is_fit(std::string_view text) {
  return text.size() <= kNodeTextBytesMax && count_code_points(text).has_value();
}

void put_short(std::string& out, std::string_view text) {
  put_text(out, is_fit(text) ? text : std::string_view{});
}

std::string read_short(ByteReader& reader) {
  const std::string_view text = reader.text();
  return std::string(is_fit(text) ? text : std::string_view{});
}

void put_rate(std::string& out, double rate) {
  put_varint(out, static_cast<std::uint64_t>(std::llround(std::clamp(rate, 0.0, kRateMax) * 10)));
}

double read_rate(ByteReader& reader) {
  return static_cast<double>(reader.varint()) / 10;
}

void put_link(std::string& out, std::optional<bool> up) {
  put_byte(out, up ? static_cast<std::uint8_t>(*up) : kNone);
}

std::optional<bool> read_link(ByteReader& reader) {
  const std::uint8_t link = reader.byte();
  return link < kNone ? std::optional(link == 1) : std::nullopt;
}

void put_status(std::string& out, const NodeStatus& status) {
  put_varint(out, static_cast<std::uint64_t>(status.node));
  put_short(out, status.version);
  put_short(out, status.host);
  put_short(out, status.address);
  put_zigzag(out, status.started_at.time_since_epoch().count());
  put_varint(out, static_cast<std::uint64_t>(status.interval.count()));
  put_varint(out, status.connections);
  put_rate(out, status.sends_per_second);
  put_rate(out, status.frames_per_second);
  put_link(out, status.store_ready);
  put_link(out, status.bus_connected);
  put_link(out, status.cache_connected);
}

NodeStatus read_status(ByteReader& reader) {
  NodeStatus status;
  status.node = static_cast<int>(std::min<std::uint64_t>(reader.varint(), kNumberMax));
  status.version = read_short(reader);
  status.host = read_short(reader);
  status.address = read_short(reader);
  status.started_at = Time(milliseconds(reader.zigzag()));
  const std::uint64_t longest = kIntervalMax.count();
  const milliseconds interval(std::min(reader.varint(), longest));
  status.interval = std::max(interval, kIntervalMin);
  status.connections = reader.varint();
  status.sends_per_second = read_rate(reader);
  status.frames_per_second = read_rate(reader);
  status.store_ready = read_link(reader).value_or(false);
  status.bus_connected = read_link(reader);
  status.cache_connected = read_link(reader);
  return status;
}

}  // namespace

std::string encode(const NodeReport& report) {
  std::string out;
  put_byte(out, static_cast<std::uint8_t>(report.leaves));
  if (!report.leaves) put_status(out, report.status);
  return out;
}

std::optional<NodeReport> decode_report(std::string_view bytes) {
  ByteReader reader(bytes);
  NodeReport report;
  report.leaves = reader.byte() != 0;
  if (!report.leaves) report.status = read_status(reader);
  if (!reader.ok()) return std::nullopt;
  return report;
}

}  // namespace msg
