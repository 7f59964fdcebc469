// SPDX-License-Identifier: Apache-2.0
#include "notifications/notice.h"

#include <utility>

#include "core/side_key.h"
#include "core/varint.h"

//   news  = at event role by        side record of a user, by conversation; at, by: zigzag
//   alert = at text                 side record of a user, by id

namespace msg {
namespace {

Time read_moment(ByteReader& reader) {
  return Time{std::chrono::milliseconds{reader.zigzag()}};
}

std::string id_of(std::string_view kind, std::int64_t number, Time at) {
  return std::string(kind) + '-' + std::to_string(number) + '-' +
         std::to_string(at.time_since_epoch().count());
}

}  // namespace

Result<void> note_news(Batch& batch, UserId by, const MemberRow& member, GroupNews news) {
  if (by == member.user) return {};
  const Time at = time_of(member.version);
  SideRecord record{.kind = SideKind::news,
                    .owner = to_int(member.user),
                    .key = side_key(to_int(member.conversation)),
                    .value = {},
                    .expires_at = at + Notifications::kNewsLifetime};
  put_zigzag(record.value, at.time_since_epoch().count());
  put_byte(record.value, static_cast<std::uint8_t>(std::to_underlying(news)));
  put_byte(record.value, static_cast<std::uint8_t>(std::to_underlying(member.role)));
  put_zigzag(record.value, to_int(by));
  return batch.rows().put_side_record(record);
}

SideRecord record_of_alert(UserId user, std::int64_t id, Time at, Time expires_at,
                           std::string_view text) {
  SideRecord record{.kind = SideKind::alert,
                    .owner = to_int(user),
                    .key = side_key(id),
                    .value = {},
                    .expires_at = expires_at};
  put_zigzag(record.value, at.time_since_epoch().count());
  record.value += text;
  return record;
}

Result<Notification> notification_of(const SideRecord& record) {
  if (record.key.size() != 8) return fail(Code::corrupt, "notification: malformed key");
  const auto number = id_of_side_key(record.key);
  ByteReader reader(record.value);
  Notification out;
  out.at = read_moment(reader);
  if (record.kind == SideKind::alert) {
    out.kind = NotificationKind::alert;
    out.id = id_of("alert", number, out.at);
    out.text = reader.raw(reader.remaining());
    if (!reader.done()) return fail(Code::corrupt, "alert: malformed");
    return out;
  }
  out.kind = NotificationKind::group;
  out.id = id_of("group", number, out.at);
  out.conversation = ConversationId{number};
  const auto news = reader.byte();
  const auto role = reader.byte();
  out.by = UserId{reader.zigzag()};
  if (!reader.done() || news > std::to_underlying(GroupNews::role_changed) ||
      role > std::to_underlying(Role::owner)) {
    return fail(Code::corrupt, "news of a group: malformed");
  }
  out.news = static_cast<GroupNews>(news);
  out.role = static_cast<Role>(role);
  return out;
}

}  // namespace msg
