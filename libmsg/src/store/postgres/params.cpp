// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/params.h"

namespace msg::postgres {
namespace {

void put_int32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void patch_int32(std::string& out, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

constexpr std::size_t kHasNullAt = 4;
constexpr std::size_t kSizeAt = 12;

}  // namespace

void put_value(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  put_int32(out, static_cast<std::uint32_t>(bits >> 32));
  put_int32(out, static_cast<std::uint32_t>(bits));
}

void put_value(std::string& out, bool value) {
  out += static_cast<char>(value ? 1 : 0);
}

void put_value(std::string& out, std::string_view value) {
  out += value;
}

Column::Column(Type type) {
  put_int32(bytes_, 1);
  put_int32(bytes_, 0);
  put_int32(bytes_, static_cast<std::uint32_t>(type));
  put_int32(bytes_, 0);
  put_int32(bytes_, 1);
}

void Column::add_null() {
  patch_int32(bytes_, kHasNullAt, 1);
  patch_int32(bytes_, kSizeAt, ++size_);
  put_int32(bytes_, UINT32_MAX);
}

std::size_t Column::begin_element() {
  patch_int32(bytes_, kSizeAt, ++size_);
  put_int32(bytes_, 0);
  return bytes_.size();
}

void Column::end_element(std::size_t at) {
  patch_int32(bytes_, at - 4, static_cast<std::uint32_t>(bytes_.size() - at));
}

Params::Arrays Params::arrays() const {
  Arrays arrays;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    arrays.values.push_back(nulls_[i] ? nullptr : bytes_.data() + begin);
    arrays.lengths.push_back(static_cast<int>(ends_[i] - begin));
    arrays.formats.push_back(1);
    begin = ends_[i];
  }
  return arrays;
}

}  // namespace msg::postgres
