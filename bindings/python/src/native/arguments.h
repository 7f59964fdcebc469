// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "errors.h"
#include "msg/ids.h"
#include "names.h"

/// What Python gives, on its way to the library. A wrong type is a TypeError of pybind11's, a value
/// that cannot be is an InvalidArgument.
namespace pymsg {

namespace py = pybind11;

/// A str's own UTF-8, without a copy: good while the call lasts.
struct Text {
  std::string_view view{};
  operator std::string_view() const { return view; }          // NOLINT(google-explicit-constructor)
  operator std::string() const { return std::string(view); }  // NOLINT(google-explicit-constructor)
};

using MaybeText = std::optional<Text>;
inline std::optional<std::string> kept(const MaybeText& text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// The UTF-8 of a str, or nothing when it is none. Throws UnicodeEncodeError (a ValueError).
std::optional<std::string_view> text_of(py::handle object);

/// From an aware datetime; Python's microseconds are rounded down to the library's milliseconds.
msg::Time time_of(py::handle datetime);
/// Rounded up: all that is at or after the one is at or after the other.
msg::Time time_not_before(py::handle datetime);
std::chrono::milliseconds duration_of(py::handle timedelta);

template <class T>
concept Id = std::same_as<T, msg::UserId> || std::same_as<T, msg::ConversationId> ||
             std::same_as<T, msg::SessionId> || std::same_as<T, msg::ApiKeyId> ||
             std::same_as<T, msg::Seq> || std::same_as<T, msg::Version>;

template <Named E>
E enum_of(std::string_view name) {
  for (std::size_t i = 0; i < Names<E>::names.size(); ++i) {
    if (Names<E>::names[i] == name) return static_cast<E>(i);
  }
  throw_invalid(std::string(Names<E>::type) + " has no member " + std::string(name));
}

}  // namespace pymsg

namespace pybind11::detail {

#if PYBIND11_VERSION_MAJOR >= 3
/// Enumerations of ours are no classes of Python's enum module.
template <class T>
  requires pymsg::Id<T> || pymsg::Named<T>
struct type_caster_enum_type_enabled<T> : std::false_type {};
#endif

template <>
struct type_caster<pymsg::Text> {
  PYBIND11_TYPE_CASTER(pymsg::Text, const_name("str"));
  bool load(handle source, bool /*convert*/) {
    const auto text = pymsg::text_of(source);
    if (text) value.view = *text;
    return text.has_value();
  }
};

template <pymsg::Id T>
struct type_caster<T> {
  PYBIND11_TYPE_CASTER(T, const_name("int"));
  bool load(handle source, bool /*convert*/) {
    if (!PyLong_Check(source.ptr())) return false;
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(source.ptr(), &overflow);
    if (overflow != 0) pymsg::throw_invalid("An id is a number of 63 bits.");
    value = T{number};
    return true;
  }
};

template <pymsg::Named E>
struct type_caster<E> {
  PYBIND11_TYPE_CASTER(E, const_name("str"));
  bool load(handle source, bool /*convert*/) {
    const auto text = pymsg::text_of(source);
    if (text) value = pymsg::enum_of<E>(*text);
    return text.has_value();
  }
};

template <>
struct type_caster<msg::Time> {
  PYBIND11_TYPE_CASTER(msg::Time, const_name("datetime.datetime"));
  bool load(handle source, bool /*convert*/) {
    value = pymsg::time_of(source);
    return true;
  }
};

template <>
struct type_caster<std::chrono::milliseconds> {
  PYBIND11_TYPE_CASTER(std::chrono::milliseconds, const_name("datetime.timedelta"));
  bool load(handle source, bool /*convert*/) {
    value = pymsg::duration_of(source);
    return true;
  }
};

template <>
struct type_caster<std::chrono::seconds> {
  PYBIND11_TYPE_CASTER(std::chrono::seconds, const_name("datetime.timedelta"));
  bool load(handle source, bool /*convert*/) {
    value = std::chrono::floor<std::chrono::seconds>(pymsg::duration_of(source));
    return true;
  }
};

/// (conversation, seq): libmsg.MessageId is such a tuple.
template <>
struct type_caster<msg::MessageId> {
  PYBIND11_TYPE_CASTER(msg::MessageId, const_name("libmsg.MessageId"));
  bool load(handle source, bool convert) {
    if (!PyTuple_Check(source.ptr()) || PyTuple_GET_SIZE(source.ptr()) != 2) return false;
    type_caster<msg::ConversationId> conversation;
    type_caster<msg::Seq> seq;
    if (!conversation.load(PyTuple_GET_ITEM(source.ptr(), 0), convert) ||
        !seq.load(PyTuple_GET_ITEM(source.ptr(), 1), convert)) {
      return false;
    }
    value = {.conversation = conversation, .seq = seq};
    return true;
  }
};

}  // namespace pybind11::detail
