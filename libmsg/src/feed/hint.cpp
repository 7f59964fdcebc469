// SPDX-License-Identifier: Apache-2.0
#include "feed/hint.h"

#include <sodium.h>

#include <array>
#include <utility>

#include "core/varint.h"

namespace msg {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kSourceBytes = 8;
constexpr std::size_t kMacBytes = 16;

enum Flag : std::uint8_t { only_for = 1, not_for = 2, some_only = 4, read_only = 8 };

/// What differs by kind; the rest is in every note.
struct Noter {
  EventNote& note;

  void operator()(const MessageEvent& e) const {
    note.kind = EventNote::Kind::message;
    note.seq = e.message.id.seq;
  }
  void operator()(const MessageChangeEvent& e) const {
    note.kind = EventNote::Kind::message_change;
    note.seq = e.message.id.seq;
  }
  void operator()(const MemberEvent& e) const {
    note.kind = EventNote::Kind::member;
    note.user = e.member.user;
  }
  void operator()(const ReceiptEvent& e) const {
    note.kind = EventNote::Kind::receipt;
    note.user = e.member.user;
    note.to_everyone = e.to_everyone;
    note.delivered_rose = e.delivered_rose;
  }
  void operator()(const ConversationEvent& /*event*/) const {
    note.kind = EventNote::Kind::conversation;
  }
  void operator()(const HideEvent& e) const {
    note.kind = EventNote::Kind::hide;
    note.user = e.user;
    note.seq = e.message.seq;
  }
  void operator()(const UnreadEvent& e) const {
    note.kind = EventNote::Kind::unread;
    note.user = e.user;
    note.seq = e.mark.unread_from.value_or(Seq{});
    note.count = e.mark.unread_count;
  }
  void operator()(const PreferencesEvent& e) const {
    note.kind = EventNote::Kind::preferences;
    note.user = e.user;
  }
  void operator()(const TypingEvent& /*event*/) const {}  // of no commit
};

template <class Id>
void put_id(std::string& out, Id id) {
  put_varint(out, static_cast<std::uint64_t>(to_int(id)));
}

template <class Id>
Id read_id(ByteReader& reader) {
  return Id{static_cast<std::int64_t>(reader.varint())};
}

void put_note(std::string& out, const EventNote& note) {
  const bool is_for_one = note.only_for != UserId{};
  const bool is_not_for_one = note.not_for != UserId{};
  put_byte(out, static_cast<std::uint8_t>(note.kind));
  put_byte(out, static_cast<std::uint8_t>((is_for_one ? Flag::only_for : 0) |
                                          (is_not_for_one ? Flag::not_for : 0) |
                                          (note.to_everyone ? 0 : Flag::some_only) |
                                          (note.delivered_rose ? 0 : Flag::read_only)));
  put_id(out, note.conversation);
  put_id(out, note.version);
  put_id(out, note.user);
  put_id(out, note.seq);
  put_zigzag(out, note.count);
  if (is_for_one) put_id(out, note.only_for);
  if (is_not_for_one) put_id(out, note.not_for);
}

EventNote read_note(ByteReader& reader) {
  EventNote note;
  note.kind = static_cast<EventNote::Kind>(reader.byte());
  const std::uint8_t flags = reader.byte();
  note.to_everyone = (flags & Flag::some_only) == 0;
  note.delivered_rose = (flags & Flag::read_only) == 0;
  note.conversation = read_id<ConversationId>(reader);
  note.version = read_id<Version>(reader);
  note.user = read_id<UserId>(reader);
  note.seq = read_id<Seq>(reader);
  note.count = reader.zigzag();
  if ((flags & Flag::only_for) != 0) note.only_for = read_id<UserId>(reader);
  if ((flags & Flag::not_for) != 0) note.not_for = read_id<UserId>(reader);
  return note;
}

HeadChange read_head(ByteReader& reader) {
  HeadChange head;
  head.conversation = read_id<ConversationId>(reader);
  head.before = read_id<Version>(reader);
  head.after = read_id<Version>(reader);
  return head;
}

/// Each has some bytes of its own: a count that is larger than what is left is nobody's.
template <class T, class Read>
bool read_list(ByteReader& reader, std::vector<T>& list, Read read) {
  const std::uint64_t count = reader.varint();
  if (count > reader.remaining()) return false;
  list.reserve(count);
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) list.push_back(read(reader));
  return reader.ok();
}

}  // namespace

CommitHint make_hint(const Commit& commit, std::size_t writer) {
  CommitHint hint{.writer = writer,
                  .life = commit.life,
                  .before = commit.before,
                  .last = commit.last,
                  .heads = commit.heads,
                  .notes = {}};
  hint.notes.reserve(commit.events.size());
  for (const auto& event : commit.events) {
    EventNote note{.conversation = event->conversation,
                   .version = event->version,
                   .only_for = event->only_for,
                   .not_for = event->not_for};
    std::visit(Noter{note}, event->body);
    hint.notes.push_back(note);
  }
  return hint;
}

HintCodec::HintCodec(const StoreIdentity& identity) : identity_(identity) {
  source_.resize(kSourceBytes);
  randombytes_buf(source_.data(), source_.size());
}

std::string HintCodec::encode(const CommitHint& hint) const {
  std::string out;
  put_varint(out, hint.writer);
  put_varint(out, hint.life);
  put_id(out, hint.before);
  put_id(out, hint.last);
  put_varint(out, hint.heads.size());
  for (const HeadChange& head : hint.heads) {
    put_id(out, head.conversation);
    put_id(out, head.before);
    put_id(out, head.after);
  }
  put_varint(out, hint.notes.size());
  for (const EventNote& note : hint.notes) put_note(out, note);
  return seal(HintKind::commit, out);
}

std::string HintCodec::encode(ConversationId conversation, const TypingEvent& typing) const {
  std::string out;
  put_id(out, conversation);
  put_id(out, typing.user);
  put_varint(out, static_cast<std::uint64_t>(typing.expires_in.count()));
  put_byte(out, static_cast<std::uint8_t>(typing.activity));
  return seal(HintKind::typing, out);
}

std::optional<CommitHint> HintCodec::decode_commit(std::string_view bytes) const {
  const auto unsealed = unseal(HintKind::commit, bytes);
  if (!unsealed) return std::nullopt;
  ByteReader reader(unsealed->body);
  CommitHint hint;
  hint.writer = reader.varint();
  hint.life = static_cast<std::uint32_t>(reader.varint());
  hint.before = read_id<Version>(reader);
  hint.last = read_id<Version>(reader);
  if (hint.writer >= kWritersMax) return std::nullopt;
  if (!read_list(reader, hint.heads, read_head)) return std::nullopt;
  if (!read_list(reader, hint.notes, read_note) || !reader.done()) return std::nullopt;
  return hint;
}

std::optional<Event> HintCodec::decode_typing(std::string_view bytes) const {
  const auto unsealed = unseal(HintKind::typing, bytes);
  if (!unsealed) return std::nullopt;
  ByteReader reader(unsealed->body);
  Event event;
  event.conversation = read_id<ConversationId>(reader);
  TypingEvent typing;
  typing.user = read_id<UserId>(reader);
  typing.expires_in = std::chrono::milliseconds(static_cast<std::int64_t>(reader.varint()));
  typing.activity = reader.byte() == 0 ? Activity::typing : Activity::recording;
  event.body = typing;
  if (!reader.done()) return std::nullopt;
  return event;
}

std::string HintCodec::seal(HintKind kind, std::string_view body) const {
  std::string bytes{kFormat, static_cast<char>(kind)};
  bytes += source_;
  bytes += body;
  bytes += mac(bytes);
  return bytes;
}

std::optional<HintCodec::Unsealed> HintCodec::unseal(HintKind kind, std::string_view bytes) const {
  constexpr std::size_t kHead = 2 + kSourceBytes;
  if (bytes.size() < kHead + kMacBytes) return std::nullopt;
  const auto signed_part = bytes.substr(0, bytes.size() - kMacBytes);
  const auto source = bytes.substr(2, kSourceBytes);
  if (bytes[0] != kFormat || bytes[1] != static_cast<char>(kind) || source == source_) {
    return std::nullopt;
  }
  const std::string tag = mac(signed_part);
  if (sodium_memcmp(tag.data(), bytes.substr(signed_part.size()).data(), kMacBytes) != 0) {
    return std::nullopt;
  }
  return Unsealed{.source = source, .body = signed_part.substr(kHead)};
}

std::string HintCodec::mac(std::string_view bytes) const {
  const auto raw = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  std::string epoch;
  put_fixed64(epoch, static_cast<std::uint64_t>(identity_.epoch));
  crypto_generichash_state state;
  crypto_generichash_init(&state, identity_.cursor_secret.data(), identity_.cursor_secret.size(),
                          kMacBytes);
  crypto_generichash_update(&state, raw(epoch), epoch.size());
  crypto_generichash_update(&state, raw(bytes), bytes.size());
  std::array<unsigned char, kMacBytes> tag{};
  crypto_generichash_final(&state, tag.data(), tag.size());
  return {reinterpret_cast<const char*>(tag.data()), tag.size()};
}

}  // namespace msg
