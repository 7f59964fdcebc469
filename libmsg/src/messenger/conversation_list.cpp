// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "core/limits.h"
#include "messenger/impl.h"
#include "messenger/list_reader.h"
#include "messenger/view_reader.h"

namespace msg {

Result<Page<ConversationView>> Messenger::list_conversations(UserId actor,
                                                             const PageRequest& request) {
  const Limits& limits = impl_->options.limits;
  MSG_TRY(const int limit, page_size(request.limit, limits));
  std::array<std::int64_t, 3> place{};  // user, and the activity and id of the last item
  std::optional<ListPlace> behind;
  if (!request.cursor.empty()) {
    MSG_CHECK(impl_->codec.decode(request.cursor, CursorKind::conversations, place));
    if (UserId{place[0]} != actor) return bad_cursor();
    behind = {Version{place[1]}, ConversationId{place[2]}};
  }
  ListReader reader(*impl_->store, impl_->lists, impl_->options, behind,
                    static_cast<std::size_t>(limit) + 1);
  MSG_TRY(const auto found, reader.read(actor));
  const auto& accesses = found.accesses;
  auto count = std::min(accesses.size(), static_cast<std::size_t>(limit));

  ViewReader views(*found.snapshot, limits);
  for (std::size_t i = 0; i < count; ++i) views.add(accesses[i]);
  Page<ConversationView> page;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    MSG_TRY(auto view, views.next());
    if (view.last_message) bytes += view.last_message->content.size();
    if (i > 0 && bytes > limits.page_bytes_max) {
      count = i;
      break;
    }
    page.items.push_back(std::move(view));
  }
  page.has_more = accesses.size() > count;
  page.has_prev = !request.cursor.empty();
  page.next = request.cursor;
  if (count > 0) {
    const auto& last = accesses[count - 1].conversation;
    place = {to_int(actor), to_int(last.activity), to_int(last.id)};
    page.next = impl_->codec.encode(CursorKind::conversations, place);
  }
  return page;
}

}  // namespace msg
