// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include "core/clock.h"
#include "core/limits.h"
#include "messenger/impl.h"
#include "messenger/personal.h"
#include "messenger/receipts.h"
#include "messenger/view.h"

namespace msg {
namespace {

/// Seq is dense, so every page is a window [first, last] found by arithmetic inside the readable
/// range; only dates need the time index. Then it is one seek and a scan.

enum class Side : std::int64_t { none, older, newer, around };

/// Everything a history cursor carries: the side of which seq, and the request it belongs to.
struct HistoryPosition {
  Side side{};
  Seq seq{};
  Order order{};
  std::optional<Time> from;
  std::optional<Time> to;
};

struct Window {
  std::int64_t first{};
  std::int64_t last{};
};

constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

std::int64_t pack(const std::optional<Time>& time) {
  return time ? time->time_since_epoch().count() : kNoTime;
}

std::optional<Time> unpack(std::int64_t ms) {
  if (ms == kNoTime) return std::nullopt;
  return Time{std::chrono::milliseconds{ms}};
}

std::string encode(const CursorCodec& codec, ConversationId conversation,
                   const HistoryPosition& position) {
  const std::array fields{to_int(conversation), static_cast<std::int64_t>(position.side),
                          to_int(position.seq), static_cast<std::int64_t>(position.order),
                          pack(position.from),  pack(position.to)};
  return codec.encode(CursorKind::history, fields);
}

Result<HistoryPosition> decode(const CursorCodec& codec, const HistoryRequest& request) {
  std::array<std::int64_t, 6> fields{};
  MSG_CHECK(codec.decode(request.cursor, CursorKind::history, fields));
  if (ConversationId{fields[0]} != request.conversation) return bad_cursor();
  return HistoryPosition{.side = static_cast<Side>(fields[1]),
                         .seq = Seq{fields[2]},
                         .order = static_cast<Order>(fields[3]),
                         .from = unpack(fields[4]),
                         .to = unpack(fields[5])};
}

Result<HistoryPosition> read_position(const CursorCodec& codec, const HistoryRequest& request) {
  const int places = (request.cursor.empty() ? 0 : 1) + (request.before ? 1 : 0) +
                     (request.after ? 1 : 0) + (request.around ? 1 : 0);
  if (places > 1) {
    return fail(Code::invalid_argument, "At most one of cursor, before, after and around.",
                "cursor");
  }
  if (!request.cursor.empty()) return decode(codec, request);
  HistoryPosition position{.side = Side::none,
                           .seq = {},
                           .order = request.order,
                           .from = request.from,
                           .to = request.to};
  const auto place = [&](Side side, const std::optional<Seq>& seq,
                         std::string_view field) -> Result<void> {
    constexpr std::int64_t kSeqMax = std::int64_t{1} << 53;  // what a JSON number can tell apart
    if (!seq) return {};
    if (to_int(*seq) < 0 || to_int(*seq) > kSeqMax) {
      return fail(Code::invalid_argument, "A seq lies between 0 and 2^53.", std::string(field));
    }
    position.side = side;
    position.seq = *seq;
    return {};
  };
  MSG_CHECK(place(Side::older, request.before, "before"));
  MSG_CHECK(place(Side::newer, request.after, "after"));
  MSG_CHECK(place(Side::around, request.around, "around"));
  return position;
}

/// The first seq at or after `time`, or one behind the last.
Result<std::int64_t> seq_at(Snapshot& snapshot, const Access& access, Time time) {
  const Version before{to_int(version_at(time)) - 1};
  MSG_TRY(const auto seq, snapshot.find_seq_after(access.conversation.id, before));
  return seq ? to_int(*seq) : to_int(access.last_seq()) + 1;
}

/// What the reader may see, narrowed to the dates asked for.
Result<Window> readable(Snapshot& snapshot, const Access& access, const HistoryPosition& position) {
  Window range{to_int(access.first_seq()), to_int(access.last_seq())};
  constexpr Time kTimeMax{std::chrono::milliseconds{(std::int64_t{1} << 47) - 1}};
  if (position.from) {
    MSG_TRY(const auto first,
            seq_at(snapshot, access, std::clamp(*position.from, Time{}, kTimeMax)));
    range.first = std::max(range.first, first);
  }
  if (position.to) {
    MSG_TRY(const auto behind,
            seq_at(snapshot, access, std::clamp(*position.to, Time{}, kTimeMax)));
    range.last = std::min(range.last, behind - 1);
  }
  // Cursors are made of these numbers, and what lies beyond the reader's part is not to be told.
  range.first = std::min(range.first, to_int(access.last_seq()) + 1);
  range.last = std::max(range.last, to_int(access.first_seq()) - 1);
  return range;
}

Window older_than(std::int64_t seq, int limit, const Window& range) {
  const auto last = std::min(range.last, seq - 1);
  return {std::max(range.first, last - limit + 1), last};
}

Window newer_than(std::int64_t seq, int limit, const Window& range) {
  const auto first = std::max(range.first, seq + 1);
  return {first, std::min(range.last, first + limit - 1)};
}

Window choose(const HistoryPosition& position, int limit, const Window& range) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  const auto seq = to_int(position.seq);
  switch (position.side) {
    case Side::older:
      return older_than(seq, limit, range);
    case Side::newer:
      return newer_than(seq, limit, range);
    case Side::around: {
      const auto middle = std::clamp(seq, range.first, std::max(range.first, range.last));
      const auto last = std::min(range.last, middle + (limit - 1) / 2);
      const auto first = std::max(range.first, last - limit + 1);
      return {first, std::min(range.last, first + limit - 1)};
    }
    case Side::none:
      break;
  }
  return position.order == Order::newest_first ? older_than(kEnd, limit, range)
                                               : newer_than(range.first - 1, limit, range);
}

/// The window as far as it can be told before the conversation is known; dates take a look first.
std::optional<Window> foresee(const HistoryPosition& position, int limit) {
  if (position.from || position.to) return std::nullopt;
  constexpr Window kAll{1, std::numeric_limits<std::int64_t>::max()};
  const bool from_the_end = position.side == Side::none && position.order == Order::newest_first;
  return from_the_end ? kAll : choose(position, limit, kAll);
}

/// Which end of the window the reader comes to last.
bool far_end_is_first(const HistoryPosition& position, const Window& window) {
  if (position.side == Side::around) {
    const auto seq = to_int(position.seq);
    return seq - window.first >= window.last - seq;
  }
  if (position.side == Side::none) return position.order == Order::newest_first;
  return position.side == Side::older;
}

/// Shortens a page of too many bytes from its far end; one message stays.
void fit(std::vector<Message>& items, Window& window, const HistoryPosition& position,
         std::size_t bytes_max) {
  std::size_t bytes = 0;
  for (const auto& message : items) bytes += message.content.size();
  const bool ascending = position.order == Order::oldest_first;
  std::size_t from = 0;
  std::size_t to = items.size();
  while (bytes > bytes_max && to - from > 1) {
    const bool first = far_end_is_first(position, window);
    bytes -= (first == ascending ? items[from++] : items[--to]).content.size();
    if (first) {
      ++window.first;
    } else {
      --window.last;
    }
  }
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(to), items.end());
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(from));
}

}  // namespace

Result<Page<Message>> Messenger::history(UserId actor, const HistoryRequest& request) {
  MSG_TRY(const int limit, page_size(request.limit, impl_->options.limits));
  MSG_TRY(auto position, read_position(impl_->codec, request));
  if (position.from && position.to && *position.from > *position.to) {
    return fail(Code::invalid_argument, "from lies after to.", "from");
  }
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  if (const auto likely = foresee(position, limit)) {
    snapshot->expect_messages(request.conversation, Seq{likely->first}, Seq{likely->last}, limit,
                              position.order);
  }
  MSG_TRY(const auto access, load_access(*snapshot, actor, request.conversation));
  MSG_TRY(const Window range, readable(*snapshot, access, position));
  Window window = choose(position, limit, range);

  Page<Message> page;
  if (window.first <= window.last) {
    MSG_TRY(page.items, snapshot->list_messages(request.conversation, Seq{window.first},
                                                Seq{window.last}, limit, position.order));
  }
  for (auto& message : page.items) {
    hide_from(message, actor);
    MSG_CHECK(rewind(*snapshot, access, message));
  }
  fit(page.items, window, position, impl_->options.limits.page_bytes_max);
  MSG_CHECK(add_personal(*snapshot, access, page.items));
  if (access.self.active) MSG_CHECK(fill_states(*snapshot, access, page.items));

  const auto cursor = [&](Side side, std::int64_t seq) {
    position.side = side;
    position.seq = Seq{seq};
    return encode(impl_->codec, request.conversation, position);
  };
  // An empty page stands between two seqs; its cursors start from there.
  const auto last = std::max(window.last, window.first - 1);
  page.next = cursor(Side::older, window.first);
  page.prev = cursor(Side::newer, last);
  page.has_more = window.first > range.first && range.first <= range.last;
  page.has_prev = last < range.last;
  if (position.order == Order::oldest_first) {
    std::swap(page.next, page.prev);
    std::swap(page.has_more, page.has_prev);
  }
  return page;
}

Result<Message> Messenger::load_message(UserId actor, const MessageId& id) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, id.conversation));
  MSG_TRY(auto message, load_visible(*snapshot, access, id));
  std::vector<Message> one{std::move(message)};
  MSG_CHECK(add_personal(*snapshot, access, one));
  if (one.front().sender == actor && access.self.active) {
    MSG_CHECK(fill_states(*snapshot, access, one));
  }
  return std::move(one.front());
}

}  // namespace msg
