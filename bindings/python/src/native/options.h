// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include "gil.h"
#include "msg/options.h"

namespace pymsg {

/// From the keywords of libmsg.open(). Raises TypeError for one that there is not.
msg::Options options_of(const py::dict& keywords);

/// A clock in Python; should it raise, the system's time is taken.
std::function<msg::Time()> clock_of(const py::object& callable);

}  // namespace pymsg
