// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "bus/bus_url.h"
#include "msg/bus.h"

namespace msg {

std::shared_ptr<Bus> open_local_bus(std::string_view name, const BusOptions& options);
Result<std::shared_ptr<Bus>> open_nats_bus(const BusUrl& url, const BusOptions& options);
Result<std::shared_ptr<Bus>> open_redis_bus(const BusUrl& url, const BusOptions& options);

}  // namespace msg
