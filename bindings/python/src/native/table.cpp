// SPDX-License-Identifier: Apache-2.0
#include "arrow.h"
#include "bind.h"
#include "message_table.h"

namespace pymsg {
namespace {

using SharedTable = std::shared_ptr<MessageTable>;
constexpr int kPagesBetweenSignals = 64;

/// An Arrow structure in a capsule, which releases what nobody has taken over.
template <class T, class Fill>
py::object capsule(const char* name, Fill fill) {
  auto made = std::make_unique<T>();
  fill(made.get());
  PyObject* object = PyCapsule_New(made.get(), name, [](PyObject* self) {
    auto* owned = static_cast<T*>(PyCapsule_GetPointer(self, PyCapsule_GetName(self)));
    if (owned->release != nullptr) owned->release(owned);
    delete owned;
  });
  if (object == nullptr) made->release(made.get());
  (void)made.release();
  return py::reinterpret_steal<py::object>(checked(object));
}

py::object schema_capsule() {
  return capsule<ArrowSchema>("arrow_schema", export_schema);
}

/// Reads some pages; true when there are no more.
msg::Result<bool> read_some(msg::Messenger& messenger, msg::UserId actor,
                            msg::HistoryRequest& request, MessageTable& table) {
  for (int i = 0; i < kPagesBetweenSignals; ++i) {
    MSG_TRY(const auto page, messenger.history(actor, request));
    for (const auto& message : page.items) table.add(message);
    if (!page.has_more) return true;
    request.cursor = page.next;
    request.after.reset();
  }
  return false;
}

SharedTable export_messages(Store& store, msg::UserId actor, msg::ConversationId conversation,
                            std::optional<msg::Seq> after, const py::object& from,
                            const py::object& to, int page_size) {
  const auto moment = [](const py::object& datetime) {
    return datetime.is_none() ? std::nullopt : std::optional(time_not_before(datetime));
  };
  msg::HistoryRequest request{.conversation = conversation,
                              .limit = page_size,
                              .order = msg::Order::oldest_first,
                              .after = after,
                              .from = moment(from),
                              .to = moment(to)};
  auto table = std::make_shared<MessageTable>();
  const auto some = [&](msg::Messenger& m) { return read_some(m, actor, request, *table); };
  while (!store.value(some)) {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
  table->finish();
  return table;
}

py::buffer_info buffer_of(Column& column) {
  const py::ssize_t item = column.format == 'q' ? 8 : 1;
  return {const_cast<void*>(column.data), item, std::string(1, column.format),
          static_cast<py::ssize_t>(column.size), true};
}

}  // namespace

void bind_table(py::module_& module, StoreClass& store) {
  py::class_<Column>(module, "Column", py::buffer_protocol())
      .def_buffer(buffer_of)
      .def("__len__", [](const Column& column) { return column.size; });
  py::class_<MessageTable, SharedTable>(module, "MessageTable")
      .def("__len__", &MessageTable::size)
      .def("column", [](const SharedTable& t, Text name) { return column_of(t, name); })
      .def("schema", [](const SharedTable& /*table*/) { return schema_capsule(); })
      .def("array",
           [](const SharedTable& t) {
             const auto fill = [&](ArrowArray* out) { export_array(t, out); };
             return py::make_tuple(schema_capsule(), capsule<ArrowArray>("arrow_array", fill));
           })
      .def("stream", [](const SharedTable& t) {
        const auto fill = [&](ArrowArrayStream* out) { export_stream(t, out); };
        return capsule<ArrowArrayStream>("arrow_array_stream", fill);
      });
  store.def("export_messages", export_messages);
}

}  // namespace pymsg
