// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include <initializer_list>
#include <vector>

namespace pymsg {

namespace py = pybind11;

/// A frozen dataclass with slots of libmsg.types, made without its __init__: some forty
/// nanoseconds a field less. The names of its fields are compared when it is looked up.
class Record {
 public:
  Record(const char* name, std::initializer_list<const char*> fields)
      : name_(name), fields_(fields) {}

  /// Once, before anything is made of it. Raises ImportError when the fields are others.
  void look_up(const py::module_& types);

  PyTypeObject* type() const { return type_; }
  const std::vector<Py_ssize_t>& offsets() const { return offsets_; }

 private:
  const char* name_;
  std::vector<const char*> fields_;
  PyTypeObject* type_{nullptr};
  std::vector<Py_ssize_t> offsets_;
};

/// Makes one, field by field in their order.
class Maker {
 public:
  explicit Maker(const Record& record);
  ~Maker() { Py_XDECREF(object_); }
  Maker(const Maker&) = delete;
  Maker& operator=(const Maker&) = delete;

  /// Takes the reference. Null: an exception is set, which is thrown.
  Maker& operator()(PyObject* value) {
    if (value == nullptr) throw py::error_already_set();
    *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object_) + *next_++) = value;
    return *this;
  }

  /// The object, a new reference.
  PyObject* done();

 private:
  PyObject* object_;
  const Py_ssize_t* next_;
  const Py_ssize_t* end_;
};

}  // namespace pymsg
