// SPDX-License-Identifier: Apache-2.0
#include "feed/hint.h"

#include <sodium.h>

#include <utility>

#include "core/store_mac.h"
#include "core/varint.h"

namespace msg {
namespace {

constexpr char kFormat = 'h';  // none of CursorCodec, whose macs are made the same way
constexpr std::size_t kSourceBytes = 8;
constexpr std::size_t kMacBytes = sizeof(StoreMac);

template <class Id>
void put_id(std::string& out, Id id) {
  put_varint(out, static_cast<std::uint64_t>(to_int(id)));
}

template <class Id>
Id read_id(ByteReader& reader) {
  return Id{static_cast<std::int64_t>(reader.varint())};
}

void put_concern(std::string& out, const Concern& concern) {
  put_id(out, concern.conversation);
  put_id(out, concern.only_for);
  put_id(out, concern.member);
}

Concern read_concern(ByteReader& reader) {
  Concern concern;
  concern.conversation = read_id<ConversationId>(reader);
  concern.only_for = read_id<UserId>(reader);
  concern.member = read_id<UserId>(reader);
  return concern;
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
                  .concerns = {}};
  hint.concerns.reserve(commit.events.size());
  for (const auto& event : commit.events) {
    const auto* const change = std::get_if<MemberEvent>(&event->body);
    hint.concerns.push_back({.conversation = event->conversation,
                             .only_for = event->only_for,
                             .member = change != nullptr ? change->member.user : UserId{}});
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
  put_varint(out, hint.concerns.size());
  for (const Concern& concern : hint.concerns) put_concern(out, concern);
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
  if (!read_list(reader, hint.concerns, read_concern) || !reader.done()) return std::nullopt;
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
  const auto mac = store_mac(identity_, bytes);
  bytes.append(reinterpret_cast<const char*>(mac.data()), mac.size());
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
  if (!is_store_mac(bytes.substr(signed_part.size()), identity_, signed_part)) return std::nullopt;
  return Unsealed{.source = source, .body = signed_part.substr(kHead)};
}

}  // namespace msg
