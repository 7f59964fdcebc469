// SPDX-License-Identifier: Apache-2.0
#include "gil.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>

namespace pymsg {
namespace {

std::atomic<std::uint32_t> generation{0};

void let_go(PyObject* object) {
  if (is_finalizing()) return;  // it goes with the interpreter
  const Acquired gil;
  Py_DECREF(object);
}

}  // namespace

std::uint32_t process_generation() {
  return generation.load(std::memory_order_relaxed);
}

void watch_forks() {
  pthread_atfork(nullptr, nullptr, [] { ++generation; });
}

bool is_finalizing() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

void stop_this_thread() {
  for (;;) pause();
}

Callback::Callback(py::object callable) {
  if (callable.is_none()) return;
  if (!PyCallable_Check(callable.ptr())) throw py::type_error("a callback has to be callable");
  callable_ = std::shared_ptr<PyObject>(callable.release().ptr(), let_go);
}

}  // namespace pymsg
