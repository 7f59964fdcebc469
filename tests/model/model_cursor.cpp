// SPDX-License-Identifier: Apache-2.0
#include "model/model_cursor.h"

#include <sstream>

#include "model/model.h"

namespace msg::test {

std::string make_cursor(std::string_view list, const Numbers& numbers) {
  std::string cursor(list);
  for (const auto number : numbers) cursor += ' ' + std::to_string(number);
  return cursor;
}

Result<Numbers> read_cursor(std::string_view cursor, std::string_view list) {
  std::istringstream words{std::string(cursor)};
  std::string word;
  if (!(words >> word) || word != list) return refuse(Code::invalid_argument, "cursor");
  Numbers numbers;
  for (std::int64_t number = 0; words >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace msg::test
