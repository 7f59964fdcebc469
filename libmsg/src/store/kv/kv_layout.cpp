// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_layout.h"

#include <algorithm>
#include <string>

#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"

namespace msg::kv {

Result<void> require_known_layout(KvView& view) {
  std::string value;
  MSG_TRY(const bool found, view.get(meta_key("layout"), value));
  if (!found) return fail(Code::corrupt, "the store does not say which layout it has");
  MSG_TRY(const std::int64_t number, decode_number(value));
  if (number >= kFirstLayout && number <= kScopesLayout) return {};
  return fail(Code::conflict,
              "the layout of the store has number " + std::to_string(number) +
                  ", this library has " + std::to_string(kScopesLayout) + ": open it with " +
                  (number > kScopesLayout ? "a newer libmsg" : "the libmsg that made it"),
              "url");
}

Result<void> raise_layout(KvBatch& batch, std::int64_t number) {
  std::string value;
  MSG_TRY(const bool found, batch.get(meta_key("layout"), value));
  if (found) {
    MSG_TRY(const std::int64_t present, decode_number(value));
    if (present >= number) return {};
  }
  return batch.put(meta_key("layout"), encode_number(number));
}

}  // namespace msg::kv
