// SPDX-License-Identifier: Apache-2.0
#include "scalars.h"

#include <datetime.h>

#pragma GCC diagnostic ignored "-Wold-style-cast"  // the macros of datetime.h

namespace pymsg {
namespace {

PyTypeObject* message_id_type = nullptr;

template <class... E>
void look_up_members(const py::module_& types) {
  const auto one = [&]<class Enum>(Enum) {
    const py::object type = types.attr(Names<Enum>::type);
    for (std::size_t i = 0; i < Names<Enum>::names.size(); ++i) {
      const auto name = Names<Enum>::names[i];
      Names<Enum>::members[i] = type(py::str(name.data(), name.size())).release().ptr();
    }
  };
  (one(E{}), ...);
}

}  // namespace

PyObject* make(msg::Time time) {
  namespace ch = std::chrono;
  const auto day = ch::floor<ch::days>(time);
  const ch::year_month_day date(day);
  const int year = static_cast<int>(date.year());
  if (year < 1 || year > 9999) throw py::value_error("a time that Python has no datetime for");
  const ch::hh_mm_ss clock(time - day);
  return checked(PyDateTimeAPI->DateTime_FromDateAndTime(
      year, static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()) * 1000, PyDateTime_TimeZone_UTC,
      PyDateTimeAPI->DateTimeType));
}

PyObject* make(std::chrono::milliseconds duration) {
  const auto days = std::chrono::floor<std::chrono::days>(duration);
  const auto rest = duration - days;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
  return checked(PyDelta_FromDSU(static_cast<int>(days.count()), static_cast<int>(seconds.count()),
                                 static_cast<int>((rest - seconds).count()) * 1000));
}

PyObject* make(std::chrono::seconds duration) {
  return make(std::chrono::milliseconds(duration));
}

PyObject* make(const msg::MessageId& id) {
  auto made =
      py::reinterpret_steal<py::object>(checked(message_id_type->tp_alloc(message_id_type, 2)));
  PyTuple_SET_ITEM(made.ptr(), 0, make(id.conversation));
  PyTuple_SET_ITEM(made.ptr(), 1, make(id.seq));
  return made.release().ptr();
}

void look_up_scalars(const py::module_& types) {
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
  message_id_type =
      reinterpret_cast<PyTypeObject*>(py::object(types.attr("MessageId")).release().ptr());
  look_up_members<msg::Audience, msg::ConversationKind, msg::MessageKind, msg::MessageState,
                  msg::Role, msg::Order, msg::Activity, msg::Resumed, msg::KeyScope,
                  msg::PresenceState, msg::NotificationKind, msg::GroupNews, msg::Profile>(types);
}

}  // namespace pymsg
