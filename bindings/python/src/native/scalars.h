// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/ids.h"
#include "names.h"

/// Numbers, texts and times on their way to Python: each returns a new reference, or throws.
namespace pymsg {

namespace py = pybind11;

inline PyObject* checked(PyObject* object) {
  if (object == nullptr) throw py::error_already_set();
  return object;
}
inline PyObject* none() {
  Py_INCREF(Py_None);
  return Py_None;
}

inline PyObject* make(std::int64_t number) {
  return checked(PyLong_FromLongLong(number));
}
inline PyObject* make(int number) {
  return checked(PyLong_FromLong(number));
}
inline PyObject* make(bool truth) {
  return checked(PyBool_FromLong(truth ? 1 : 0));
}
inline PyObject* make(std::string_view text) {
  return checked(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}
inline PyObject* make(const std::string& text) {
  return make(std::string_view(text));
}
inline PyObject* make(msg::UserId id) {
  return make(msg::to_int(id));
}
inline PyObject* make(msg::ConversationId id) {
  return make(msg::to_int(id));
}
inline PyObject* make(msg::SessionId id) {
  return make(msg::to_int(id));
}
inline PyObject* make(msg::ApiKeyId id) {
  return make(msg::to_int(id));
}
inline PyObject* make(msg::Seq seq) {
  return make(msg::to_int(seq));
}
inline PyObject* make(msg::Version version) {
  return make(msg::to_int(version));
}
PyObject* make(msg::Time time);
PyObject* make(std::chrono::milliseconds duration);
PyObject* make(std::chrono::seconds duration);
PyObject* make(const msg::MessageId& id);

/// Members of the StrEnums of libmsg.types, by the numbers of the C++ ones.
template <Named E>
PyObject* make(E value) {
  PyObject* member = Names<E>::members.at(static_cast<std::size_t>(value));
  Py_INCREF(member);
  return member;
}

inline PyObject* make_none_if_empty(const std::string& text) {
  return text.empty() ? none() : make(text);
}

/// Looks up what the above needs of libmsg.types and datetime.
void look_up_scalars(const py::module_& types);

}  // namespace pymsg
