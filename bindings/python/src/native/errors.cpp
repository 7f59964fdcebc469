// SPDX-License-Identifier: Apache-2.0
#include "errors.h"

#include <utility>

#include "scalars.h"

namespace pymsg {
namespace {

PyObject* error_of = nullptr;

py::object exception(std::string_view code, const std::string& detail, const std::string& field,
                     std::chrono::milliseconds retry_after) {
  const auto text = [](std::string_view view) {
    return py::reinterpret_steal<py::object>(make(view));
  };
  const auto wait =
      py::reinterpret_steal<py::object>(retry_after.count() == 0 ? none() : make(retry_after));
  return py::handle(error_of)(text(code), text(detail), text(field), wait);
}

[[noreturn]] void raise(const py::object& error) {
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  throw py::error_already_set();
}

}  // namespace

PyObject* make(const msg::Error& error) {
  return exception(to_string(error.code), error.detail, error.field, error.retry_after)
      .release()
      .ptr();
}

void throw_error(const msg::Error& error) {
  raise(py::reinterpret_steal<py::object>(make(error)));
}

void throw_invalid(std::string detail, std::string field) {
  throw_error({.code = msg::Code::invalid_argument,
               .detail = std::move(detail),
               .field = std::move(field)});
}

void throw_closed(const char* detail) {
  raise(exception("closed", detail, {}, {}));
}

void look_up_errors(const py::module_& errors) {
  error_of = py::object(errors.attr("error_of")).release().ptr();
}

}  // namespace pymsg
