// SPDX-License-Identifier: Apache-2.0
#include "feed/news_codec.h"

#include <algorithm>
#include <utility>

#include "core/varint.h"

namespace msg {
namespace {

// Of an item: what follows.
constexpr std::uint8_t kOnlyFor = 1;
constexpr std::uint8_t kNotFor = 2;
constexpr std::uint8_t kMember = 4;
constexpr std::uint8_t kMessage = 8;
constexpr std::uint8_t kReceipt = 16;
constexpr std::uint8_t kSwitch = 32;  // a user, and nothing else
constexpr std::uint8_t kIsTold = 64;
// Everybody: none of these, and no conversation.
// Of a receipt.
constexpr std::uint8_t kToEveryone = 1;
constexpr std::uint8_t kDeliveredRose = 2;
constexpr std::uint8_t kActive = 4;
constexpr std::uint8_t kVisibleUntil = 8;
constexpr std::uint8_t kDeliveredAt = 16;
constexpr std::uint8_t kReadAt = 32;

std::uint8_t flag(bool is_set, std::uint8_t bit) {
  return is_set ? bit : std::uint8_t{0};
}

void put_time(std::string& out, Time time) {
  put_zigzag(out, time.time_since_epoch().count());
}

Time read_time(ByteReader& reader) {
  return Time{Time::duration{reader.zigzag()}};
}

/// Each has some bytes of its own: a count that is larger than what is left is nobody's.
std::optional<std::size_t> read_count(ByteReader& reader) {
  const std::uint64_t count = reader.varint();
  if (!reader.ok() || count > reader.remaining()) return std::nullopt;
  return static_cast<std::size_t>(count);
}

void put_receipt(std::string& out, const ReceiptEvent& receipt) {
  const Member& member = receipt.member;
  const unsigned flags =
      flag(receipt.to_everyone, kToEveryone) | flag(receipt.delivered_rose, kDeliveredRose) |
      flag(member.active, kActive) | flag(member.visible_until.has_value(), kVisibleUntil) |
      flag(member.delivered_at.has_value(), kDeliveredAt) |
      flag(member.read_at.has_value(), kReadAt);
  put_byte(out, static_cast<std::uint8_t>(flags));
  put_byte(out, static_cast<std::uint8_t>(member.role));
  put_number(out, member.user);
  put_number(out, member.version);
  put_number(out, member.visible_from);
  if (member.visible_until) put_number(out, *member.visible_until);
  put_number(out, member.delivered);
  put_number(out, member.read);
  if (member.delivered_at) put_time(out, *member.delivered_at);
  if (member.read_at) put_time(out, *member.read_at);
  put_time(out, member.joined_at);
}

ReceiptEvent read_receipt(ByteReader& reader, ConversationId conversation) {
  ReceiptEvent receipt;
  const std::uint8_t flags = reader.byte();
  receipt.to_everyone = (flags & kToEveryone) != 0;
  receipt.delivered_rose = (flags & kDeliveredRose) != 0;
  Member& member = receipt.member;
  member.conversation = conversation;
  member.active = (flags & kActive) != 0;
  member.role = static_cast<Role>(reader.byte());
  member.user = read_number<UserId>(reader);
  member.version = read_number<Version>(reader);
  member.visible_from = read_number<Seq>(reader);
  if ((flags & kVisibleUntil) != 0) member.visible_until = read_number<Seq>(reader);
  member.delivered = read_number<Seq>(reader);
  member.read = read_number<Seq>(reader);
  if ((flags & kDeliveredAt) != 0) member.delivered_at = read_time(reader);
  if ((flags & kReadAt) != 0) member.read_at = read_time(reader);
  member.joined_at = read_time(reader);
  return receipt;
}

void put_item(std::string& out, const Concern& concern, const Event* event) {
  const auto* const sent = event != nullptr ? std::get_if<MessageEvent>(&event->body) : nullptr;
  // What a user alone may know is not for the bus.
  const auto* const receipt = event != nullptr && event->only_for == UserId{}
                                  ? std::get_if<ReceiptEvent>(&event->body)
                                  : nullptr;
  const unsigned flags = flag(concern.only_for != UserId{}, kOnlyFor) |
                         flag(concern.not_for != UserId{}, kNotFor) |
                         flag(concern.member != UserId{}, kMember) |
                         flag(sent != nullptr, kMessage) | flag(receipt != nullptr, kReceipt);
  put_byte(out, static_cast<std::uint8_t>(flags));
  put_number(out, concern.conversation);
  if (concern.only_for != UserId{}) put_number(out, concern.only_for);
  if (concern.not_for != UserId{}) put_number(out, concern.not_for);
  if (concern.member != UserId{}) put_number(out, concern.member);
  if (sent != nullptr) {
    put_number(out, sent->message.id.seq);
    put_number(out, event->version);
  }
  if (receipt != nullptr) {
    put_number(out, event->version);
    put_receipt(out, *receipt);
  }
}

void put_item(std::string& out, const NewsItem& item) {
  if (const auto* const event = std::get_if<std::shared_ptr<Event>>(&item)) {
    put_item(out, concern_of(**event), event->get());
  } else if (const auto* const concern = std::get_if<Concern>(&item)) {
    put_item(out, *concern, nullptr);
  } else if (const auto* const made = std::get_if<ReadsSwitch>(&item)) {
    put_byte(out, static_cast<std::uint8_t>(kSwitch | flag(made->is_told, kIsTold)));
    put_number(out, made->user);
  } else {
    put_item(out, Concern{}, nullptr);
  }
}

void read_item(ByteReader& reader, CommitHint& hint) {
  const std::uint8_t flags = reader.byte();
  auto& items = hint.news.items;
  if ((flags & kSwitch) != 0) {
    items.emplace_back(
        ReadsSwitch{.user = read_number<UserId>(reader), .is_told = (flags & kIsTold) != 0});
    return;
  }
  Concern concern;
  concern.conversation = read_number<ConversationId>(reader);
  if ((flags & kOnlyFor) != 0) concern.only_for = read_number<UserId>(reader);
  if ((flags & kNotFor) != 0) concern.not_for = read_number<UserId>(reader);
  if ((flags & kMember) != 0) concern.member = read_number<UserId>(reader);
  if ((flags & kReceipt) != 0) {
    const auto version = read_number<Version>(reader);
    items.emplace_back(
        std::make_shared<Event>(Event{.conversation = concern.conversation,
                                      .version = version,
                                      .cursor = {},
                                      .body = read_receipt(reader, concern.conversation),
                                      .not_for = concern.not_for}));
    return;
  }
  if ((flags & kMessage) != 0) {
    const auto seq = read_number<Seq>(reader);
    hint.sent.push_back({.item = items.size(),
                         .message = {concern.conversation, seq},
                         .version = read_number<Version>(reader)});
  }
  if (flags == 0 && concern == Concern{}) {
    items.emplace_back(Everybody{});
    return;
  }
  items.emplace_back(concern);
}

bool read_built_on(ByteReader& reader, Horizon& built_on) {
  const auto count = read_count(reader);
  if (!count) return false;
  for (std::size_t i = 0; i < *count; ++i) {
    const std::uint64_t writer = reader.varint();
    if (writer >= kWritersMax) return false;
    built_on.up_to.at(writer) = read_number<Version>(reader);
  }
  return reader.ok();
}

}  // namespace

std::string encode_news(const News& news) {
  std::string out;
  put_varint(out, news.writer);
  put_varint(out, news.life);
  put_number(out, news.before);
  put_number(out, news.last);
  const auto& built_on = news.built_on.up_to;
  put_varint(out, kWritersMax - static_cast<std::size_t>(std::ranges::count(built_on, Version{})));
  for (std::size_t i = 0; i < kWritersMax; ++i) {
    if (built_on.at(i) == Version{}) continue;
    put_varint(out, i);
    put_number(out, built_on.at(i));
  }
  put_varint(out, news.items.size());
  for (const NewsItem& item : news.items) put_item(out, item);
  return out;
}

std::optional<CommitHint> decode_news(std::string_view body) {
  ByteReader reader(body);
  CommitHint hint;
  News& news = hint.news;
  news.writer = reader.varint();
  news.life = static_cast<std::uint32_t>(reader.varint());
  news.before = read_number<Version>(reader);
  news.last = read_number<Version>(reader);
  if (news.writer >= kWritersMax || !read_built_on(reader, news.built_on)) return std::nullopt;
  const auto count = read_count(reader);
  if (!count) return std::nullopt;
  news.items.reserve(*count);
  for (std::size_t i = 0; i < *count && reader.ok(); ++i) read_item(reader, hint);
  if (!reader.done()) return std::nullopt;
  return hint;
}

}  // namespace msg
