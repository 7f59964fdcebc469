// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "msg/status.h"

/// The library's errors as the exceptions of libmsg.errors.
namespace pymsg {

namespace py = pybind11;

/// The exception itself, not raised: for lists of outcomes and for futures.
PyObject* make(const msg::Error& error);

[[noreturn]] void throw_error(const msg::Error& error);
[[noreturn]] void throw_invalid(std::string detail, std::string field = {});
[[noreturn]] void throw_closed(const char* detail);

void look_up_errors(const py::module_& errors);

}  // namespace pymsg
