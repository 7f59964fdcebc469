// SPDX-License-Identifier: Apache-2.0
#include "msg/maintenance.h"

#include "bind.h"
#include "options.h"

namespace pymsg {
namespace {

const char* stage_name(msg::Progress::Stage stage) {
  switch (stage) {
    case msg::Progress::Stage::copying:
      return "copying";
    case msg::Progress::Stage::comparing:
      return "comparing";
    case msg::Progress::Stage::checking:
      return "checking";
  }
  return "";
}

msg::ProgressHandler handler_of(const py::object& callable) {
  const Callback told(callable);
  if (!told) return {};
  return [told](const msg::Progress& progress) {
    told.call(
        [&] {
          return py::make_tuple(stage_name(progress.stage), std::string(progress.table),
                                progress.rows, progress.expected);
        },
        [](const py::object&) {});
  };
}

template <class Work>
auto without_gil(Work work) {
  auto result = [&] {
    const Released released;
    return work();
  }();
  if (!result) throw_error(result.error());
  return std::move(*result);
}

py::tuple copy_store(Text from, Text to, bool verify, std::size_t differences_max, int batch_rows,
                     std::size_t batch_bytes, const py::object& progress, const py::dict& store) {
  const msg::CopyOptions options{.verify = verify,
                                 .differences_max = differences_max,
                                 .batch_rows = batch_rows,
                                 .batch_bytes = batch_bytes,
                                 .store = options_of(store),
                                 .progress = handler_of(progress)};
  const auto report = without_gil([&] { return msg::copy_store(from, to, options); });
  return py::make_tuple(report.was_resumed, report.was_complete, report.rows, report.messages,
                        report.is_verified, report.difference_count,
                        py::tuple(py::cast(report.differences)));
}

py::tuple check_store(Text url, std::size_t problems_max, const py::object& progress,
                      const py::dict& store) {
  const msg::CheckOptions options{
      .problems_max = problems_max, .store = options_of(store), .progress = handler_of(progress)};
  const auto report = without_gil([&] { return msg::check_store(url, options); });
  return py::make_tuple(report.users, report.sessions, report.api_keys, report.conversations,
                        report.members, report.messages, report.idempotency_keys,
                        report.problem_count, py::tuple(py::cast(report.problems)));
}

}  // namespace

void bind_maintenance(py::module_& module) {
  module.def("copy_store", copy_store);
  module.def("check_store", check_store);
}

}  // namespace pymsg
