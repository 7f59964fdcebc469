// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "arguments.h"
#include "store.h"

/// The native calls of libmsg._libmsg. All arguments are positional: names, defaults and documents
/// are those of the Python classes above them.
namespace pymsg {

namespace py = pybind11;

using StoreClass = py::class_<Store, std::shared_ptr<Store>>;

void bind_users(StoreClass& store);
void bind_conversations(StoreClass& store);
void bind_messages(StoreClass& store);
void bind_reads(StoreClass& store);
void bind_moderation(StoreClass& store);
void bind_access(StoreClass& store);

void bind_maintenance(py::module_& module);
void bind_administration(py::module_& module);
void bind_sign_in(py::module_& module);
void bind_presence(py::module_& module);
void bind_live(py::module_& module, StoreClass& store);
void bind_table(py::module_& module, StoreClass& store);

}  // namespace pymsg
