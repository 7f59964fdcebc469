// SPDX-License-Identifier: Apache-2.0
#include "core/extras_codec.h"

#include <chrono>
#include <limits>

#include "core/varint.h"

// message      = version flags [mentions] [forward] [reactions] [pin]
//   flags      = byte: 1 mentions, 2 forward, 4 reactions, 8 pin; at least one
//   mentions   = count user*
//   forward    = hops conversation seq
//   reactions  = count (emoji count)*
//   pin        = user at_version
//
// member       = version mentions dropped_up_to count (seq at_version)* when it has no joined_after
//              | 2 mentions dropped_up_to count (seq at_version)* joined_after
//   mentions   = count seq*                       difference to the one before, to 0 in the first
// conversation = version count seq*             when it has pins only
//              | 2 count seq* direct send add rename pin history slow_mode members_max
//   direct     = byte: 1 low blocks, 2 high blocks, 4 awaits low, 8 awaits high
//   send, add, rename, pin = byte, a role
//   history    = byte, 0 or 1
//   slow_mode, members_max = varint
// annotation   = version hidden count (emoji at_version)*
//
// version      = byte, 1
// count, hops  = varint; at least 1 in a list that has a flag
// seq          = zigzag
// user, conversation, at_version, hidden, dropped_up_to = fixed64
// emoji        = size as varint, bytes

namespace msg {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kVersionWithRules = 2;
constexpr std::uint8_t kVersionWithJoining = 2;
constexpr std::uint8_t kMentions = 1;
constexpr std::uint8_t kForward = 2;
constexpr std::uint8_t kReactions = 4;
constexpr std::uint8_t kPin = 8;

template <class Id>
void put_id(std::string& bytes, Id id) {
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(id)));
}

template <class Id>
Id read_id(ByteReader& reader) {
  return Id{static_cast<std::int64_t>(reader.fixed64())};
}

/// A count that the remaining bytes cannot hold is none, so that no number from outside decides how
/// much memory is taken; `bad` is set then.
std::size_t read_count(ByteReader& reader, std::size_t item_bytes_min, bool& bad) {
  const std::uint64_t count = reader.varint();
  if (count <= reader.remaining() / item_bytes_min) return static_cast<std::size_t>(count);
  bad = true;
  return 0;
}

void put_seqs(std::string& bytes, const std::vector<Seq>& seqs) {
  put_varint(bytes, seqs.size());
  std::uint64_t before = 0;  // unsigned: it wraps, as it does in read_seqs()
  for (const Seq seq : seqs) {
    const auto number = static_cast<std::uint64_t>(to_int(seq));
    put_zigzag(bytes, static_cast<std::int64_t>(number - before));
    before = number;
  }
}

std::vector<Seq> read_seqs(ByteReader& reader, bool& bad) {
  std::vector<Seq> seqs(read_count(reader, 1, bad));
  std::uint64_t before = 0;
  for (Seq& seq : seqs) {
    before += static_cast<std::uint64_t>(reader.zigzag());
    seq = Seq{static_cast<std::int64_t>(before)};
  }
  return seqs;
}

void put_direct(std::string& bytes, const DirectState& direct) {
  put_byte(bytes,
           static_cast<std::uint8_t>((direct.low_blocks ? 1 : 0) | (direct.high_blocks ? 2 : 0) |
                                     (direct.awaits_low ? 4 : 0) | (direct.awaits_high ? 8 : 0)));
}

DirectState read_direct(ByteReader& reader, bool& bad) {
  const std::uint8_t flags = reader.byte();
  bad = bad || flags > 15;
  return {.low_blocks = (flags & 1) != 0,
          .high_blocks = (flags & 2) != 0,
          .awaits_low = (flags & 4) != 0,
          .awaits_high = (flags & 8) != 0};
}

void put_rules(std::string& bytes, const GroupRules& rules) {
  for (const Role role : {rules.send, rules.add, rules.rename, rules.pin}) {
    put_byte(bytes, static_cast<std::uint8_t>(role));
  }
  put_byte(bytes, rules.history_for_newcomers ? 1 : 0);
  put_varint(bytes, static_cast<std::uint64_t>(rules.slow_mode.count()));
  put_varint(bytes, static_cast<std::uint64_t>(rules.members_max));
}

Role read_role(ByteReader& reader, bool& bad) {
  const std::uint8_t role = reader.byte();
  bad = bad || role > static_cast<std::uint8_t>(Role::owner);
  return bad ? Role::member : static_cast<Role>(role);
}

GroupRules read_rules(ByteReader& reader, bool& bad) {
  GroupRules rules;
  for (Role* const role : {&rules.send, &rules.add, &rules.rename, &rules.pin}) {
    *role = read_role(reader, bad);
  }
  const std::uint8_t history = reader.byte();
  const std::uint64_t slow_mode = reader.varint();
  const std::uint64_t members_max = reader.varint();
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  bad = bad || history > 1 || slow_mode > kMost || members_max > kMost;
  rules.history_for_newcomers = history == 1;
  rules.slow_mode = std::chrono::seconds{slow_mode};
  rules.members_max = static_cast<std::int64_t>(members_max);
  return rules;
}

std::unexpected<Error> corrupt(std::string_view what) {
  return fail(Code::corrupt, std::string(what) + ": malformed");
}

}  // namespace

std::string encode_extras(const Message& message) {
  const auto flag_if = [](bool condition, std::uint8_t flag) -> std::uint8_t {
    return condition ? flag : 0;
  };
  const std::uint8_t flags = flag_if(!message.mentions.empty(), kMentions) |
                             flag_if(message.forward.has_value(), kForward) |
                             flag_if(!message.reactions.empty(), kReactions) |
                             flag_if(message.pin.has_value(), kPin);
  std::string bytes;
  if (flags == 0) return bytes;
  put_byte(bytes, kVersion);
  put_byte(bytes, flags);
  if (!message.mentions.empty()) {
    put_varint(bytes, message.mentions.size());
    for (const UserId user : message.mentions) put_id(bytes, user);
  }
  if (message.forward) {
    const MessageId origin = message.forward->origin.value_or(MessageId{});
    put_varint(bytes, static_cast<std::uint64_t>(message.forward->hops));
    put_id(bytes, origin.conversation);
    put_zigzag(bytes, to_int(origin.seq));
  }
  if (!message.reactions.empty()) {
    put_varint(bytes, message.reactions.size());
    for (const auto& [emoji, count] : message.reactions) {
      put_text(bytes, emoji);
      put_varint(bytes, static_cast<std::uint64_t>(count));
    }
  }
  if (message.pin) {
    put_id(bytes, message.pin->by);
    put_id(bytes, message.pin->version);
  }
  return bytes;
}

bool has_extras(const Message& message) {
  return !message.mentions.empty() || message.forward || !message.reactions.empty() || message.pin;
}

Result<void> decode_extras(std::string_view bytes, Message& message) {
  if (bytes.empty()) return {};
  ByteReader reader(bytes);
  bool bad = reader.byte() != kVersion;
  const std::uint8_t flags = reader.byte();
  bad = bad || flags == 0 || flags > (kMentions | kForward | kReactions | kPin);
  std::vector<UserId> mentions;
  if ((flags & kMentions) != 0) {
    mentions.resize(read_count(reader, 8, bad));
    for (UserId& user : mentions) user = read_id<UserId>(reader);
    bad = bad || mentions.empty();
  }
  std::optional<Forward> forward;
  if ((flags & kForward) != 0) {
    forward = Forward{.hops = static_cast<std::int64_t>(reader.varint()), .origin = MessageId{}};
    forward->origin->conversation = read_id<ConversationId>(reader);
    forward->origin->seq = Seq{reader.zigzag()};
  }
  std::vector<ReactionCount> reactions;
  if ((flags & kReactions) != 0) {
    reactions.resize(read_count(reader, 2, bad));
    for (auto& [emoji, count] : reactions) {
      emoji = reader.text();
      count = static_cast<std::int64_t>(reader.varint());
    }
    bad = bad || reactions.empty();
  }
  std::optional<Pin> pin;
  if ((flags & kPin) != 0) {
    pin = Pin{.by = read_id<UserId>(reader), .version = read_id<Version>(reader), .at = {}};
    pin->at = time_of(pin->version);
  }
  if (bad || !reader.done()) return corrupt("extras of a message");
  message.mentions = std::move(mentions);
  message.forward = forward;
  message.reactions = std::move(reactions);
  message.pin = pin;
  return {};
}

std::string encode_extras(const MemberRow& member) {
  std::string bytes;
  const bool has_hidden = !member.hidden.empty() || member.hidden_dropped_up_to != Version{};
  const bool has_joined_after = member.joined_after != Seq{};
  if (member.mentions.empty() && !has_hidden && !has_joined_after) return bytes;
  put_byte(bytes, has_joined_after ? kVersionWithJoining : kVersion);
  put_seqs(bytes, member.mentions);
  put_id(bytes, member.hidden_dropped_up_to);
  put_varint(bytes, member.hidden.size());
  for (const auto& [seq, version] : member.hidden) {
    put_zigzag(bytes, to_int(seq));
    put_id(bytes, version);
  }
  if (has_joined_after) put_zigzag(bytes, to_int(member.joined_after));
  return bytes;
}

Result<void> decode_extras(std::string_view bytes, MemberRow& member) {
  if (bytes.empty()) return {};
  ByteReader reader(bytes);
  const std::uint8_t format = reader.byte();
  bool bad = format != kVersion && format != kVersionWithJoining;
  auto mentions = read_seqs(reader, bad);
  const auto dropped_up_to = read_id<Version>(reader);
  std::vector<HiddenMessage> hidden(read_count(reader, 9, bad));
  for (auto& [seq, version] : hidden) {
    seq = Seq{reader.zigzag()};
    version = read_id<Version>(reader);
  }
  Seq joined_after{};
  if (format == kVersionWithJoining) {
    joined_after = Seq{reader.zigzag()};
    bad = bad || joined_after <= Seq{};
  }
  if (bad || !reader.done()) return corrupt("extras of a member");
  member.joined_after = joined_after;
  member.mentions = std::move(mentions);
  member.hidden_dropped_up_to = dropped_up_to;
  member.hidden = std::move(hidden);
  return {};
}

bool has_rules(const ConversationRow& conversation) {
  return conversation.rules != GroupRules{} || conversation.direct != DirectState{};
}

std::string encode_extras(const ConversationRow& conversation) {
  const bool with_rules = has_rules(conversation);
  std::string bytes;
  if (conversation.pins.empty() && !with_rules) return bytes;
  put_byte(bytes, with_rules ? kVersionWithRules : kVersion);
  put_seqs(bytes, conversation.pins);
  if (with_rules) {
    put_direct(bytes, conversation.direct);
    put_rules(bytes, conversation.rules);
  }
  return bytes;
}

Result<void> decode_extras(std::string_view bytes, ConversationRow& conversation) {
  if (bytes.empty()) return {};
  ByteReader reader(bytes);
  const std::uint8_t version = reader.byte();
  bool bad = version != kVersion && version != kVersionWithRules;
  auto pins = read_seqs(reader, bad);
  DirectState direct;
  GroupRules rules;
  if (version == kVersionWithRules) {
    direct = read_direct(reader, bad);
    rules = read_rules(reader, bad);
  }
  bad = bad || (version == kVersion && pins.empty());
  if (bad || !reader.done()) return corrupt("extras of a conversation");
  conversation.pins = std::move(pins);
  conversation.direct = direct;
  conversation.rules = rules;
  return {};
}

std::string encode_annotation(const AnnotationRow& row) {
  std::string bytes;
  put_byte(bytes, kVersion);
  put_id(bytes, row.hidden);
  put_varint(bytes, row.reactions.size());
  for (const auto& reaction : row.reactions) {
    put_text(bytes, reaction.emoji);
    put_id(bytes, reaction.version);
  }
  return bytes;
}

Result<AnnotationRow> decode_annotation(const MessageId& message, UserId user,
                                        std::string_view bytes) {
  ByteReader reader(bytes);
  bool bad = reader.byte() != kVersion;
  AnnotationRow row{
      .message = message, .user = user, .hidden = read_id<Version>(reader), .reactions = {}};
  row.reactions.resize(read_count(reader, 9, bad));
  for (auto& reaction : row.reactions) {
    reaction.emoji = reader.text();
    reaction.version = read_id<Version>(reader);
    reaction.at = time_of(reaction.version);
  }
  if (bad || !reader.done()) return corrupt("annotation");
  return row;
}

}  // namespace msg
