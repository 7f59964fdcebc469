// SPDX-License-Identifier: Apache-2.0
#include "core/phone.h"

#include <gtest/gtest.h>

namespace msg {
namespace {

TEST(Phone, TakesEveryUsualSpelling) {
  for (const char* text :
       {"+14155550100", "+1 415 555 0100", "+1 (415) 555-0100", "001-415-555-0100",
        "+1.415.555.0100", "tel:+1-415-555-0100", " +1 415/555 0100"}) {
    EXPECT_EQ(normalize_phone(text).value_or(""), "+14155550100") << text;
  }
  EXPECT_EQ(normalize_phone("+44 (0)20 7946 0000").value_or(""), "+442079460000");
  EXPECT_EQ(normalize_phone("+39 06 1234 5678").value_or(""), "+390612345678");
}

TEST(Phone, RefusesWhatCannotBeANumber) {
  for (const char* text : {"", "+", "415 555 0100", "+1", "+123456", "+1234567890123456",
                           "+1 415 555 010a", "+0123456789", "+999 1234567", "++14155550100",
                           "+1415555\n0100", "0014", "+1 415 555 0100;ext=7"}) {
    const auto result = normalize_phone(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Code::invalid_argument);
    EXPECT_EQ(result.error().field, "phone");
  }
}

}  // namespace
}  // namespace msg
