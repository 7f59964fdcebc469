// SPDX-License-Identifier: Apache-2.0
#include "page/web_page.h"

#ifdef MSGD_WEB_PACK

// The assembler copies the file as it is; the same as an array would take a compiler minutes.
// NOLINTNEXTLINE(hicpp-no-assembler)
asm(".pushsection .rodata\n"
    ".global msgd_web_pack_begin\n"
    ".global msgd_web_pack_end\n"
    "msgd_web_pack_begin:\n"
    ".incbin \"" MSGD_WEB_PACK
    "\"\n"
    "msgd_web_pack_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" const char msgd_web_pack_begin[];
extern "C" const char msgd_web_pack_end[];

namespace msgd {

std::string_view web_pack() {
  return {static_cast<const char*>(msgd_web_pack_begin),
          static_cast<const char*>(msgd_web_pack_end)};
}

}  // namespace msgd

#else

namespace msgd {

std::string_view web_pack() {
  return {};
}

}  // namespace msgd

#endif
