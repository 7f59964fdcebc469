// SPDX-License-Identifier: Apache-2.0
#include "msg/notifications.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <future>
#include <map>
#include <memory>
#include <utility>

#include "core/limits.h"
#include "core/side_key.h"
#include "messenger/impl.h"
#include "notifications/notice.h"

namespace msg {
namespace {

constexpr std::array kKinds{NotificationKind::message, NotificationKind::mention,
                            NotificationKind::group, NotificationKind::alert};

/// Where a page begins: in which of the three lists, and behind what of it.
struct Place {
  char list{'a'};  ///< 'a'lerts, 'g'roups, 'c'onversations
  std::string after;
};

// cursor = user list after          user: 20 digits
Result<Place> read_place(const CursorCodec& codec, UserId actor, const std::string& cursor) {
  if (cursor.empty()) return Place{};
  MSG_TRY(const auto body, codec.unseal(cursor, CursorKind::notifications));
  const std::string user = std::to_string(to_int(actor)) + ' ';
  if (!body.starts_with(user) || body.size() == user.size()) return bad_cursor();
  return Place{body.at(user.size()), body.substr(user.size() + 1)};
}

std::string text_of(const CursorCodec& codec, UserId actor, const Place& place) {
  return codec.seal(CursorKind::notifications,
                    std::to_string(to_int(actor)) + ' ' + place.list + place.after);
}

/// "kind-number-number".
struct NotificationId {
  NotificationKind kind{};
  std::int64_t subject{};  ///< The conversation, or the alert.
  std::int64_t stamp{};    ///< A seq, or the time.
};

bool is_stored(NotificationKind kind) {
  return kind == NotificationKind::group || kind == NotificationKind::alert;
}

std::optional<std::int64_t> cut_number(std::string_view& text) {
  if (!text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<NotificationId> parse(std::string_view text) {
  for (const auto kind : kKinds) {
    if (!text.starts_with(to_string(kind))) continue;
    text.remove_prefix(to_string(kind).size());
    const auto subject = cut_number(text);
    const auto stamp = subject ? cut_number(text) : std::nullopt;
    if (!stamp || !text.empty()) return std::nullopt;
    return NotificationId{kind, *subject, *stamp};
  }
  return std::nullopt;
}

SideKind side_kind(char list) {
  return list == 'a' ? SideKind::alert : SideKind::news;
}

/// Up to `limit` of the alerts, or of the news, and where the next page goes on.
Result<Place> list_stored(Messenger& messenger, UserId actor, const Place& place, int limit,
                          std::vector<Notification>& out) {
  auto& impl = MessengerInside::of(messenger);
  MSG_TRY(const auto snapshot, impl.store->late_snapshot());
  MSG_TRY(const auto records,
          snapshot->list_side_records(side_kind(place.list), to_int(actor), place.after, limit));
  const Time now = impl.options.clock();
  for (const auto& record : records) {
    if (record.expires_at && *record.expires_at <= now) continue;
    MSG_TRY(auto one, notification_of(record));
    out.push_back(std::move(one));
  }
  const bool is_all = records.size() < static_cast<std::size_t>(limit);
  if (!is_all) return Place{place.list, records.back().key};
  return Place{place.list == 'a' ? 'g' : 'c', {}};
}

void append_unread(const ConversationView& view, std::vector<Notification>& out) {
  if (view.unread_count == 0) return;
  const auto add = [&](NotificationKind kind, std::int64_t count) {
    const Seq last = view.last_message ? view.last_message->id.seq : view.conversation.last_seq;
    out.push_back(
        {.id = std::string(to_string(kind)) + '-' + std::to_string(to_int(view.conversation.id)) +
               '-' + std::to_string(to_int(last)),
         .kind = kind,
         .at = view.last_message ? view.last_message->created_at : view.conversation.created_at,
         .conversation = view.conversation.id,
         .count = count,
         .last_message = view.last_message});
  };
  if (view.mention_count > 0) add(NotificationKind::mention, view.mention_count);
  add(NotificationKind::message, view.unread_count);
}

/// What is not there for the actor, or no longer, has nothing to be marked.
bool is_gone(const Error& error) {
  return error.code == Code::not_found || error.code == Code::permission_denied ||
         error.code == Code::invalid_argument;
}

/// A read receipt in each conversation that was told of, up to the newest of what was; all of them
/// under way at once, so that they share commits.
Result<void> give_receipts(Messenger& messenger, UserId actor,
                           std::span<const NotificationId> ids) {
  std::map<ConversationId, Seq> newest;
  for (const auto& id : ids) {
    if (is_stored(id.kind)) continue;
    Seq& seq = newest[ConversationId{id.subject}];
    seq = std::max(seq, Seq{id.stamp});
  }
  std::vector<std::future<Result<Member>>> answers;
  for (const auto& [conversation, seq] : newest) {
    const auto answer = std::make_shared<std::promise<Result<Member>>>();
    answers.push_back(answer->get_future());
    messenger.mark_async(actor,
                         {.conversation = conversation, .state = MessageState::read, .up_to = seq},
                         [answer](Result<Member> marked) { answer->set_value(std::move(marked)); });
  }
  Result<void> outcome;
  for (auto& answer : answers) {
    const auto marked = answer.get();
    if (!marked && !is_gone(marked.error())) outcome = std::unexpected(marked.error());
  }
  return outcome;
}

/// Erases a stored one, unless it has become another meanwhile.
Result<void> erase(Batch& batch, UserId actor, const NotificationId& id) {
  const auto kind = id.kind == NotificationKind::alert ? SideKind::alert : SideKind::news;
  const std::string key = side_key(id.subject);
  MSG_TRY(const auto there, batch.rows().find_side_record(kind, to_int(actor), key));
  if (!there) return {};
  MSG_TRY(const auto told, notification_of(*there));
  if (told.at.time_since_epoch().count() != id.stamp) return {};
  batch.next_version();
  return batch.rows().erase_side_record(kind, to_int(actor), key);
}

/// False: there is more.
Result<bool> erase_some(Batch& batch, UserId actor, SideKind kind) {
  constexpr int kAtOnce = 500;
  MSG_TRY(const auto records, batch.rows().list_side_records(kind, to_int(actor), {}, kAtOnce));
  if (!records.empty()) batch.next_version();
  for (const auto& record : records) {
    MSG_CHECK(batch.rows().erase_side_record(kind, to_int(actor), record.key));
  }
  return records.size() < kAtOnce;
}

}  // namespace

std::string_view to_string(NotificationKind kind) {
  constexpr std::array<std::string_view, 4> names{"message", "mention", "group", "alert"};
  return names.at(static_cast<std::size_t>(kind));
}

std::string_view to_string(GroupNews news) {
  constexpr std::array<std::string_view, 3> names{"added", "removed", "role_changed"};
  return names.at(static_cast<std::size_t>(news));
}

Result<Page<Notification>> Notifications::list(UserId actor, const PageRequest& request) {
  auto& impl = MessengerInside::of(messenger_);
  MSG_TRY(const int limit, page_size(request.limit, impl.options.limits));
  MSG_TRY(Place place, read_place(impl.codec, actor, request.cursor));
  Page<Notification> page;
  page.has_prev = !request.cursor.empty();
  // The short lists share a page with what follows them.
  while (place.list != 'c' && static_cast<int>(page.items.size()) < limit) {
    const char list = place.list;
    MSG_TRY(place, list_stored(messenger_, actor, place, limit, page.items));
    if (place.list == list) break;
  }
  page.has_more = true;
  if (place.list == 'c' && static_cast<int>(page.items.size()) < limit) {
    MSG_TRY(const auto views,
            messenger_.list_conversations(actor, {.limit = limit, .cursor = place.after}));
    for (const auto& view : views.items) append_unread(view, page.items);
    place.after = views.next;
    page.has_more = views.has_more;
  }
  page.next = text_of(impl.codec, actor, place);
  return page;
}

Result<void> Notifications::mark_read(UserId actor, std::span<const std::string> ids) {
  if (ids.size() > kMarkedMax) {
    return fail(Code::invalid_argument, "At most 200 at once.", "ids");
  }
  std::vector<NotificationId> parsed;
  for (const auto& text : ids) {
    const auto id = parse(text);
    if (!id) return fail(Code::invalid_argument, "This is no notification's id.", "ids");
    parsed.push_back(*id);
  }
  MSG_CHECK(give_receipts(messenger_, actor, parsed));
  return MessengerInside::of(messenger_).committer.run<void>([&](Batch& batch) -> Result<void> {
    for (const auto& id : parsed) {
      if (is_stored(id.kind)) MSG_CHECK(erase(batch, actor, id));
    }
    return {};
  });
}

Result<void> Notifications::mark_all_read(UserId actor) {
  MSG_CHECK(messenger_.mark_all_read(actor));
  for (const auto kind : {SideKind::alert, SideKind::news}) {
    for (bool is_all = false; !is_all;) {
      MSG_TRY(is_all, MessengerInside::of(messenger_).committer.run<bool>([&](Batch& batch) {
        return erase_some(batch, actor, kind);
      }));
    }
  }
  return {};
}

}  // namespace msg
