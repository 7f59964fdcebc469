// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "model/model.h"
#include "model/model_cursor.h"

namespace msg::test {
namespace {

enum class Side : std::int64_t { older, newer, around };

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 2;
constexpr std::int64_t kSeqMax = std::int64_t{1} << 53;

}  // namespace

/// From where to which side, and among which messages. Older and newer do not include `seq`.
struct Model::HistoryPlace {
  Side side{};
  std::int64_t seq{};
  Order order{};
  Time from{};
  Time to{};
};

/// The messages that a request is about: all of them, and between which seqs they lie even when
/// there is none.
struct Model::Span {
  std::vector<Message> messages;
  std::int64_t first{};  ///< Of the first message, else of where it would be.
};

Result<Model::HistoryPlace> Model::read_place(const HistoryRequest& request) const {
  const int places = (request.cursor.empty() ? 0 : 1) + (request.before ? 1 : 0) +
                     (request.after ? 1 : 0) + (request.around ? 1 : 0);
  if (places > 1) return refuse(Code::invalid_argument, "cursor");
  if (!request.cursor.empty()) {
    MSG_TRY(const Numbers numbers, read_cursor(request.cursor, "history"));
    if (ConversationId{numbers.at(0)} != request.conversation) {
      return refuse(Code::invalid_argument, "cursor");
    }
    return HistoryPlace{.side = static_cast<Side>(numbers.at(1)),
                        .seq = numbers.at(2),
                        .order = static_cast<Order>(numbers.at(3)),
                        .from = Time{std::chrono::milliseconds{numbers.at(4)}},
                        .to = Time{std::chrono::milliseconds{numbers.at(5)}}};
  }
  const auto is_seq = [](const std::optional<Seq>& seq) {
    return !seq || (to_int(*seq) >= 0 && to_int(*seq) <= kSeqMax);
  };
  if (!is_seq(request.before)) return refuse(Code::invalid_argument, "before");
  if (!is_seq(request.after)) return refuse(Code::invalid_argument, "after");
  if (!is_seq(request.around)) return refuse(Code::invalid_argument, "around");
  HistoryPlace place{.order = request.order,
                     .from = request.from.value_or(Time{std::chrono::milliseconds{-kFar}}),
                     .to = request.to.value_or(Time{std::chrono::milliseconds{kFar}})};
  const bool from_the_end = request.order == Order::newest_first;
  place.side = from_the_end ? Side::older : Side::newer;
  place.seq = from_the_end ? kFar : -1;
  if (request.before)
    place = {Side::older, to_int(*request.before), place.order, place.from, place.to};
  if (request.after)
    place = {Side::newer, to_int(*request.after), place.order, place.from, place.to};
  if (request.around)
    place = {Side::around, to_int(*request.around), place.order, place.from, place.to};
  if (place.from > place.to) return refuse(Code::invalid_argument, "from");
  return place;
}

Model::Span Model::matching(const Place& place, const HistoryPlace& wanted) const {
  Span span{.first = to_int(place.self->shown.visible_from)};
  for (auto& message : place.room->readable_by(*place.self)) {
    if (message.created_at < wanted.from) span.first = to_int(message.id.seq) + 1;
    if (message.created_at < wanted.from || message.created_at >= wanted.to) continue;
    span.messages.push_back(std::move(message));
  }
  return span;
}

namespace {

/// Of `all`, ascending, those that belong on the page.
std::vector<Message> choose(std::vector<Message> all, Side side, std::int64_t seq,
                            std::size_t limit) {
  std::vector<Message> older;
  std::vector<Message> newer;
  if (side == Side::around && !all.empty()) {
    seq = std::clamp(seq, to_int(all.front().id.seq), to_int(all.back().id.seq));
  }
  for (auto& message : all) {
    const auto own = to_int(message.id.seq);
    if (own < seq || (own == seq && side == Side::around)) older.push_back(message);
    if (own > seq) newer.push_back(message);
  }
  std::size_t older_count = side == Side::newer ? 0 : std::min(limit, older.size());
  std::size_t newer_count = side == Side::older ? 0 : std::min(limit, newer.size());
  if (side == Side::around) {
    // In the middle: of the others half on each side, and what one side lacks the other gives.
    newer_count = std::min(newer.size(), (limit - 1) / 2);
    older_count = std::min(older.size(), limit - newer_count);
    newer_count = std::min(newer.size(), limit - older_count);
  }
  std::vector<Message> page(older.end() - static_cast<std::ptrdiff_t>(older_count), older.end());
  page.insert(page.end(), newer.begin(), newer.begin() + static_cast<std::ptrdiff_t>(newer_count));
  return page;
}

/// Takes messages off until they are few enough bytes; what the reader comes to last goes first.
void fit(std::vector<Message>& page, Side side, std::int64_t seq, std::size_t bytes_max) {
  const auto bytes = [&] {
    std::size_t sum = 0;
    for (const auto& message : page) sum += message.content.size();
    return sum;
  };
  while (page.size() > 1 && bytes() > bytes_max) {
    const auto below = seq - to_int(page.front().id.seq);
    const auto above = to_int(page.back().id.seq) - seq;
    const bool oldest_goes = side == Side::older || (side == Side::around && below >= above);
    page.erase(oldest_goes ? page.begin() : page.end() - 1);
  }
}

}  // namespace

Result<Page<Message>> Model::history(UserId actor, const HistoryRequest& request) const {
  MSG_TRY(const int limit, page_limit(request.limit));
  MSG_TRY(const HistoryPlace wanted, read_place(request));
  MSG_TRY(const Place place, find_place(actor, request.conversation));
  const Span span = matching(place, wanted);
  Page<Message> page;
  page.items = choose(span.messages, wanted.side, wanted.seq, static_cast<std::size_t>(limit));
  fit(page.items, wanted.side, wanted.seq, limits_.page_bytes_max);
  fill_states(place, page.items);

  // An empty page lies before a seq as well: where it looked, but never before the first.
  std::int64_t first = span.first;
  if (wanted.side == Side::newer) first = std::max(first, wanted.seq + 1);
  std::int64_t last = first - 1;
  if (!page.items.empty()) {
    first = to_int(page.items.front().id.seq);
    last = to_int(page.items.back().id.seq);
  }
  const auto cursor = [&](Side side, std::int64_t seq) {
    return make_cursor(
        "history", {to_int(request.conversation), static_cast<std::int64_t>(side), seq,
                    static_cast<std::int64_t>(wanted.order), wanted.from.time_since_epoch().count(),
                    wanted.to.time_since_epoch().count()});
  };
  page.next = cursor(Side::older, first);
  page.prev = cursor(Side::newer, last);
  page.has_more = !span.messages.empty() && to_int(span.messages.front().id.seq) < first;
  page.has_prev = !span.messages.empty() && to_int(span.messages.back().id.seq) > last;
  if (wanted.order == Order::oldest_first) {
    std::swap(page.next, page.prev);
    std::swap(page.has_more, page.has_prev);
  } else {
    std::ranges::reverse(page.items);
  }
  return page;
}

}  // namespace msg::test
