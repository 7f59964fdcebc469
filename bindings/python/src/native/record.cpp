// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include <structmember.h>

#include <string>

namespace pymsg {

void Record::look_up(const py::module_& types) {
  const py::object type = types.attr(name_);
  const py::dict named = type.attr("__dataclass_fields__");
  bool same = named.size() == fields_.size();
  std::size_t i = 0;
  for (const auto& item : named) {
    same = same && item.first.cast<std::string>() == fields_[i++];
  }
  if (!same) {
    throw py::import_error(std::string("libmsg.types.") + name_ +
                           " is not of the version of libmsg._libmsg");
  }
  for (const char* field : fields_) {
    const py::object slot = type.attr(field);
    if (Py_TYPE(slot.ptr()) != &PyMemberDescr_Type) {
      throw py::import_error(std::string(name_) + "." + field + " is no slot");
    }
    offsets_.push_back(reinterpret_cast<PyMemberDescrObject*>(slot.ptr())->d_member->offset);
  }
  type_ = reinterpret_cast<PyTypeObject*>(py::object(type).release().ptr());  // for good
}

Maker::Maker(const Record& record)
    : object_(record.type()->tp_alloc(record.type(), 0)),
      next_(record.offsets().data()),
      end_(next_ + record.offsets().size()) {
  if (object_ == nullptr) throw py::error_already_set();
}

PyObject* Maker::done() {
  if (next_ != end_) throw std::logic_error("a record was not filled");
  PyObject* made = object_;
  object_ = nullptr;
  return made;
}

}  // namespace pymsg
