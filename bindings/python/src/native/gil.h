// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace pymsg {

namespace py = pybind11;

/// Raised by one in each child of a fork(): what was opened before it is of no use there.
std::uint32_t process_generation();
void watch_forks();

/// Whether the interpreter is going down: then no thread but its own takes the GIL any more.
bool is_finalizing();

/// Stops this thread for good. A thread that asked for the GIL of an interpreter that has ended
/// would be unwound through frames that do not allow it, which ends the process with a complaint.
[[noreturn]] void stop_this_thread();

/// Without the GIL, for as long as it lives.
class Released {
 public:
  Released() : state_(PyEval_SaveThread()) {}
  ~Released() {
    if (is_finalizing()) stop_this_thread();
    PyEval_RestoreThread(state_);
  }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;

 private:
  PyThreadState* state_;
};

/// With the GIL, on any thread.
class Acquired {
 public:
  Acquired() : state_(PyGILState_Ensure()) {}
  ~Acquired() { PyGILState_Release(state_); }
  Acquired(const Acquired&) = delete;
  Acquired& operator=(const Acquired&) = delete;

 private:
  PyGILState_STATE state_;
};

/// Something callable that may be held, and let go of, by threads without the GIL.
class Callback {
 public:
  Callback() = default;
  explicit Callback(py::object callable);

  explicit operator bool() const { return callable_ != nullptr; }

  /// Calls it with the GIL. What it raises goes to sys.unraisablehook; then nothing is returned.
  /// `arguments` makes the tuple, `take` reads the result.
  template <class Arguments, class Take>
  bool call(Arguments arguments, Take take) const {
    if (is_finalizing()) return false;
    const Acquired gil;
    try {
      const py::object result = py::handle(callable_.get())(*py::tuple(arguments()));
      take(result);
      return true;
    } catch (py::error_already_set& error) {
      error.restore();
    } catch (const std::exception& error) {
      PyErr_SetString(PyExc_RuntimeError, error.what());
    }
    PyErr_WriteUnraisable(callable_.get());
    return false;
  }

 private:
  std::shared_ptr<PyObject> callable_;
};

}  // namespace pymsg
