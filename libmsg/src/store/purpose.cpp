// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "store/store.h"

namespace msg {

Result<void> require_complete(std::string_view import_state, Purpose purpose) {
  if (import_state.empty() || purpose == Purpose::import) return {};
  return fail(Code::conflict,
              "the store is a copy that is not complete: finish it with the same msgctl copy, or "
              "remove it",
              "url");
}

std::unexpected<Error> no_store_there(std::string_view where) {
  return fail(Code::not_found, "there is no store at " + std::string(where), "url");
}

}  // namespace msg
