// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "http/json_write.h"

namespace msgd {
namespace {

void put_rate(JsonObject& json, std::string_view name, double rate) {
  json.value(name,
             [&](std::string& out) { fmt::format_to(std::back_inserter(out), "{:.1f}", rate); });
}

void put_link(JsonObject& json, std::string_view name, std::optional<bool> up) {
  if (up) {
    json.boolean(name, *up);
  } else {
    json.null(name);
  }
}

}  // namespace

void append_node(std::string& out, const msg::KnownNode& known) {
  const msg::NodeStatus& status = known.status;
  JsonObject json(out);
  json.number("node", status.node)
      .boolean("self", known.is_self)
      .boolean("silent", known.is_silent)
      .text("version", status.version)
      .text("host", status.host)
      .text("address", status.address)
      .time("started_at", status.started_at)
      .time("seen_at", known.seen_at)
      .number("connections", static_cast<std::int64_t>(status.connections));
  put_rate(json, "sends_per_second", status.sends_per_second);
  put_rate(json, "frames_per_second", status.frames_per_second);
  json.boolean("store_ready", status.store_ready);
  put_link(json, "bus_connected", status.bus_connected);
  put_link(json, "cache_connected", status.cache_connected);
}

}  // namespace msgd
