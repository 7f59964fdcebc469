// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <functional>
#include <map>
#include <string>

#include "arguments.h"
#include "scalars.h"

namespace pymsg {
namespace {

template <class Target>
using Setters = std::map<std::string, std::function<void(Target&, const py::handle&)>, std::less<>>;

/// Assigns a keyword to a member of its name.
template <class Target, class Member>
auto setter(Member Target::* member) {
  return [member](Target& target, const py::handle& value) {
    target.*member = py::cast<Member>(value);
  };
}

template <class Target>
void apply(const Setters<Target>& setters, Target& target, const py::dict& keywords,
           const char* what) {
  for (const auto& [key, value] : keywords) {
    const auto name = py::cast<std::string>(key);
    const auto found = setters.find(name);
    if (found == setters.end()) {
      throw py::type_error(std::string("no ") + what + " named " + name);
    }
    try {
      found->second(target, value);
    } catch (const py::cast_error&) {
      throw py::type_error(found->first + " cannot be " + std::string(py::str(py::repr(value))));
    }
  }
}

const Setters<msg::Limits>& limit_setters() {
  using L = msg::Limits;
  static const auto* setters = new Setters<L>{
      {"content_bytes_max", setter(&L::content_bytes_max)},
      {"client_id_bytes_max", setter(&L::client_id_bytes_max)},
      {"title_characters_max", setter(&L::title_characters_max)},
      {"display_name_characters_max", setter(&L::display_name_characters_max)},
      {"about_characters_max", setter(&L::about_characters_max)},
      {"avatar_bytes_max", setter(&L::avatar_bytes_max)},
      {"device_name_characters_max", setter(&L::device_name_characters_max)},
      {"group_members_max", setter(&L::group_members_max)},
      {"sessions_per_user_max", setter(&L::sessions_per_user_max)},
      {"page_size_max", setter(&L::page_size_max)},
      {"page_size_default", setter(&L::page_size_default)},
      {"sync_messages_max", setter(&L::sync_messages_max)},
      {"page_bytes_max", setter(&L::page_bytes_max)},
      {"reaction_bytes_max", setter(&L::reaction_bytes_max)},
      {"reaction_kinds_max", setter(&L::reaction_kinds_max)},
      {"pins_max", setter(&L::pins_max)},
      {"mentions_max", setter(&L::mentions_max)},
      {"edit_age_max", setter(&L::edit_age_max)},
      {"delete_age_max", setter(&L::delete_age_max)},
      {"receipt_fanout_members_max", setter(&L::receipt_fanout_members_max)},
  };
  return *setters;
}

void set_log(msg::Options& options, const py::handle& value) {
  const Callback log(py::reinterpret_borrow<py::object>(value));
  if (!log) return;
  options.log = [log](std::string_view line) {
    log.call([&] { return py::make_tuple(py::reinterpret_steal<py::object>(make(line))); },
             [](const py::object&) {});
  };
}

const Setters<msg::Options>& option_setters() {
  using O = msg::Options;
  static const auto* setters = new Setters<O>{
      {"node", setter(&O::node)},
      {"direct_needs_acceptance", setter(&O::direct_needs_acceptance)},
      {"audit_age_max", setter(&O::audit_age_max)},
      {"session_idle_max", setter(&O::session_idle_max)},
      {"session_age_max", setter(&O::session_age_max)},
      {"commit_queue_max", setter(&O::commit_queue_max)},
      {"commit_queue_bytes_max", setter(&O::commit_queue_bytes_max)},
      {"commit_batch_max", setter(&O::commit_batch_max)},
      {"migrate", setter(&O::migrate)},
      {"readers", setter(&O::readers)},
      {"profile", setter(&O::profile)},
      {"store_memory_bytes", setter(&O::store_memory_bytes)},
      {"list_cache_from", setter(&O::list_cache_from)},
      {"list_cache_max", setter(&O::list_cache_max)},
      {"limits",
       [](O& options, const py::handle& value) {
         apply(limit_setters(), options.limits, value.cast<py::dict>(), "limit");
       }},
      {"clock",
       [](O& options, const py::handle& value) {
         if (value.is_none()) return;
         options.clock = clock_of(py::reinterpret_borrow<py::object>(value));
       }},
      {"log", set_log},
  };
  return *setters;
}

}  // namespace

std::function<msg::Time()> clock_of(const py::object& callable) {
  return [callback = Callback(callable), system = msg::Options{}.clock] {
    msg::Time now{};
    const bool told = callback.call([] { return py::tuple(); },
                                    [&](const py::object& moment) { now = time_of(moment); });
    return told ? now : system();
  };
}

msg::Options options_of(const py::dict& keywords) {
  msg::Options options;
  apply(option_setters(), options, keywords, "option");
  return options;
}

}  // namespace pymsg
