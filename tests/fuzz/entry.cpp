// SPDX-License-Identifier: Apache-2.0
//
// The way in of libFuzzer.
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  msg::test::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
