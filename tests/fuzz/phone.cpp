// SPDX-License-Identifier: Apache-2.0
// Phone numbers as people write them.
#include "core/phone.h"

#include <algorithm>

#include "core/text.h"
#include "fuzz/fuzz.h"

namespace msg::test {

void fuzz(std::string_view input) {
  const auto phone = normalize_phone(input);
  if (!phone) {
    hold(phone.error().code == Code::invalid_argument, "a bad number is an invalid argument");
    return;
  }
  hold(phone->size() >= 8 && phone->size() <= 16, "E.164 has up to 15 digits");
  hold(phone->front() == '+' && phone->at(1) != '0', "a country code begins it");
  hold(std::ranges::all_of(phone->substr(1), [](char c) { return c >= '0' && c <= '9'; }),
       "digits follow");
  const auto again = normalize_phone(*phone);
  hold(again && *again == *phone, "a number has one spelling");
  const auto country = country_code_of(*phone);
  hold(country.size() <= 3, "a country code has up to three digits");
}

}  // namespace msg::test
