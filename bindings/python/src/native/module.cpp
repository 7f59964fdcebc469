// SPDX-License-Identifier: Apache-2.0
#include "bind.h"
#include "drafts.h"
#include "options.h"

namespace pymsg {
namespace {

std::shared_ptr<Store> open_store(Text url, const py::dict& options) {
  return std::make_shared<Store>(url, options_of(options));
}

}  // namespace
}  // namespace pymsg

// NOLINTNEXTLINE: the macro of pybind11 is what it is.
PYBIND11_MODULE(_libmsg, module) {
  using namespace pymsg;
  module.doc() = "The native half of libmsg. Use libmsg.open() and what that returns.";

  const auto types = py::module_::import("libmsg.types");
  look_up_scalars(types);
  look_up_people(types);
  look_up_messages(types);
  look_up_conversations(types);
  look_up_events(types);
  look_up_drafts(py::module_::import("libmsg.local"));
  look_up_errors(py::module_::import("libmsg.errors"));
  watch_forks();

  StoreClass store(module, "Store");
  store.def("close", &Store::close).def_property_readonly("closed", &Store::is_closed);
  bind_users(store);
  bind_conversations(store);
  bind_messages(store);
  bind_reads(store);
  bind_moderation(store);
  bind_access(store);
  bind_live(module, store);
  bind_table(module, store);
  bind_administration(module);
  bind_sign_in(module);
  bind_presence(module);
  bind_maintenance(module);
  module.def("open", open_store);

  // Before the interpreter ends: threads of the library may not ask it for anything then.
  py::module_::import("atexit").attr("register")(py::cpp_function(&Store::close_all));
}
