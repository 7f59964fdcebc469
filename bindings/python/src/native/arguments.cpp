// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <datetime.h>

#pragma GCC diagnostic ignored "-Wold-style-cast"  // the macros of datetime.h

namespace pymsg {
namespace {

/// PyDateTimeAPI is a variable of each file that includes datetime.h.
void need_datetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

/// The moment, and the microseconds beyond its last whole millisecond.
std::pair<msg::Time, int> split(py::handle source) {
  need_datetime();
  if (!PyDateTime_Check(source.ptr())) throw py::type_error("a time has to be a datetime");
  py::object moment = py::reinterpret_borrow<py::object>(source);
  if (moment.attr("tzinfo").is_none()) {
    throw_invalid("A time without a zone is no moment: use datetime(..., tzinfo=timezone.utc).");
  }
  if (py::object(moment.attr("tzinfo")).ptr() != PyDateTime_TimeZone_UTC) {
    moment = moment.attr("astimezone")(py::handle(PyDateTime_TimeZone_UTC));
  }
  namespace ch = std::chrono;
  PyObject* at = moment.ptr();
  const ch::year_month_day date{ch::year{PyDateTime_GET_YEAR(at)},
                                ch::month{static_cast<unsigned>(PyDateTime_GET_MONTH(at))},
                                ch::day{static_cast<unsigned>(PyDateTime_GET_DAY(at))}};
  const int micros = PyDateTime_DATE_GET_MICROSECOND(at);
  const msg::Time time = ch::sys_days{date} + ch::hours{PyDateTime_DATE_GET_HOUR(at)} +
                         ch::minutes{PyDateTime_DATE_GET_MINUTE(at)} +
                         ch::seconds{PyDateTime_DATE_GET_SECOND(at)} +
                         ch::milliseconds{micros / 1000};
  return {time, micros % 1000};
}

}  // namespace

std::optional<std::string_view> text_of(py::handle object) {
  if (!PyUnicode_Check(object.ptr())) return std::nullopt;
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
  if (text == nullptr) throw py::error_already_set();
  return std::string_view(text, static_cast<std::size_t>(size));
}

msg::Time time_of(py::handle datetime) {
  return split(datetime).first;
}

msg::Time time_not_before(py::handle datetime) {
  const auto [time, beyond] = split(datetime);
  return beyond == 0 ? time : time + std::chrono::milliseconds{1};
}

std::chrono::milliseconds duration_of(py::handle timedelta) {
  need_datetime();
  if (!PyDelta_Check(timedelta.ptr())) throw py::type_error("a duration has to be a timedelta");
  PyObject* delta = timedelta.ptr();
  return std::chrono::days{PyDateTime_DELTA_GET_DAYS(delta)} +
         std::chrono::seconds{PyDateTime_DELTA_GET_SECONDS(delta)} +
         std::chrono::milliseconds{PyDateTime_DELTA_GET_MICROSECONDS(delta) / 1000};
}

}  // namespace pymsg
