// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "core/cursor.h"
#include "core/limits.h"
#include "msg/requests.h"

namespace msg {

/// Where a list that only goes forward, ascending by a number, goes on.
struct ForwardPage {
  CursorKind kind{};
  std::int64_t scope{};  ///< What the list belongs to; a cursor of another is refused.
  std::int64_t after{};
  int limit{};
};

inline Result<ForwardPage> read_page_request(const CursorCodec& codec, const PageRequest& request,
                                             CursorKind kind, std::int64_t scope,
                                             const Limits& limits) {
  ForwardPage page{.kind = kind, .scope = scope};
  MSG_TRY(page.limit, page_size(request.limit, limits));
  if (request.cursor.empty()) return page;
  std::array<std::int64_t, 2> fields{};
  MSG_CHECK(codec.decode(request.cursor, kind, fields));
  if (fields[0] != scope) return bad_cursor();
  page.after = fields[1];
  return page;
}

/// `items`: one more than the limit when there is more. `place` gives an item's number.
template <class T, class Place>
Page<T> finish_page(const CursorCodec& codec, const ForwardPage& request, std::vector<T> items,
                    Place place) {
  Page<T> page{.items = std::move(items), .next = {}, .prev = {}};
  page.has_more = page.items.size() > static_cast<std::size_t>(request.limit);
  if (page.has_more) page.items.pop_back();
  page.has_prev = request.after != 0;
  const std::array fields{request.scope,
                          page.items.empty() ? request.after : place(page.items.back())};
  page.next = codec.encode(request.kind, fields);
  return page;
}

}  // namespace msg
