// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "core/varint.h"

namespace msg::kv {
namespace {

auto fields(const User& u) {
  return std::tie(u.id, u.phone, u.username, u.display_name, u.about, u.avatar, u.created_at,
                  u.updated_at, u.presence_to, u.last_seen);
}
auto fields(const Message& m) {
  return std::tie(m.id, m.sender, m.kind, m.content, m.reply_to, m.timestamp, m.client_id,
                  m.version, m.created_at, m.changed, m.edited_at, m.deleted, m.mentions, m.forward,
                  m.reactions, m.pin);
}
auto fields(const Session& s) {
  return std::tie(s.id, s.user, s.device_name, s.created_at, s.last_seen_at);
}
auto fields(const ApiKey& k) {
  return std::tie(k.id, k.name, k.created_at);
}

/// Rows that no program would write, but a store has to give back: each seed prints itself.
class KvCodec : public testing::Test {
 protected:
  std::int64_t number() {
    const auto bits = static_cast<std::int64_t>(random_());
    return random_() % 4 == 0 ? bits : bits >> (random_() % 64);  // all magnitudes, both signs
  }
  bool coin() { return random_() % 2 == 0; }
  Time time() { return Time{std::chrono::milliseconds{number()}}; }
  std::string text(std::size_t size_max = 40) {
    std::string text(random_() % (size_max + 1), '\0');
    for (char& byte : text) byte = static_cast<char>(random_());
    return text;
  }
  template <class T>
  std::optional<T> maybe(T value) {
    return coin() ? std::optional<T>(std::move(value)) : std::nullopt;
  }

  User user() {
    return {.id = UserId{number()},
            .phone = text(),
            .username = maybe(text()),
            .display_name = text(),
            .about = text(),
            .avatar = text(300),
            .created_at = time(),
            .updated_at = time(),
            .presence_to = coin() ? Audience::everyone : Audience::nobody,
            .last_seen = maybe(time())};
  }
  ConversationRow conversation() {
    ConversationRow row{.id = ConversationId{number()},
                        .kind = coin() ? ConversationKind::direct : ConversationKind::group,
                        .title = text(),
                        .direct_low = coin() ? UserId{number()} : UserId{},
                        .direct_high = coin() ? UserId{number()} : UserId{},
                        .created_by = UserId{number()},
                        .created_at = time(),
                        .last_seq = Seq{number()},
                        .activity = Version{number()},
                        .member_count = number(),
                        .owner_count = number(),
                        .version = Version{number()},
                        .senders = {}};
    for (std::size_t i = random_() % (kSendersInHead + 1); i > 0; --i) {
      row.senders.push_back({.user = UserId{number()}, .count = number()});
    }
    return row;
  }
  std::vector<ReceiptRun> runs() {
    std::vector<ReceiptRun> runs;
    for (std::size_t i = random_() % (kReceiptRunsMax + 1); i > 0; --i) {
      runs.push_back({.up_to = Seq{number()}, .at = time()});
    }
    return runs;
  }
  MemberRow member() {
    return {.conversation = ConversationId{number()},
            .user = UserId{number()},
            .role = static_cast<Role>(random_() % 3),
            .active = coin(),
            .visible_from = Seq{number()},
            .visible_until = maybe(Seq{number()}),
            .delivered = Seq{number()},
            .read = Seq{number()},
            .delivered_runs = runs(),
            .read_runs = runs(),
            .sent_count = number(),
            .sent_count_at_read = number(),
            .joined_at = time(),
            .version = Version{number()},
            .mentions = seqs(),
            .hidden = hidden(),
            .hidden_dropped_up_to = maybe(Version{number()}).value_or(Version{}),
            .own = {.version = Version{number()},
                    .writer = static_cast<std::size_t>(random_() % 24),
                    .unread_from = maybe(Seq{number()}),
                    .shown_read = maybe(Seq{number()}),
                    .hidden_read_at = maybe(time()),
                    .preferences = {
                        .pinned = coin(), .archived = coin(), .muted_until = maybe(time())}}};
  }
  std::vector<Seq> seqs() {
    std::vector<Seq> some;
    for (int i = few(); i > 0; --i) some.push_back(Seq{number()});
    return some;
  }
  std::vector<HiddenMessage> hidden() {
    std::vector<HiddenMessage> some;
    for (int i = few(); i > 0; --i) {
      some.push_back({.seq = Seq{number()}, .version = Version{number()}});
    }
    return some;
  }
  int few() { return static_cast<int>(random_() % 4); }
  AnnotationRow annotation() {
    AnnotationRow row{.message = {ConversationId{number()}, Seq{number()}},
                      .user = UserId{number()},
                      .hidden = Version{number()},
                      .reactions = {}};
    for (int i = few(); i > 0; --i) {
      const Version version{number()};
      row.reactions.push_back({.emoji = text(20), .version = version, .at = time_of(version)});
    }
    return row;
  }
  Message message() {
    Message message{.id = {.conversation = ConversationId{number()}, .seq = Seq{number()}},
                    .sender = UserId{number()},
                    .kind = static_cast<MessageKind>(random_() % 13),
                    .content = text(200),
                    .reply_to = maybe(Seq{number()}),
                    .timestamp = maybe(time()),
                    .client_id = text(),
                    .version = Version{number()},
                    .created_at = time(),
                    .changed = maybe(Version{number()}),
                    .edited_at = maybe(time()),
                    .deleted = coin(),
                    .state = std::nullopt};
    if (coin()) message.created_at = time_of(message.version);
    if (coin()) return message;
    for (int i = few(); i > 0; --i) message.mentions.push_back(UserId{number()});
    if (coin()) {
      message.forward =
          Forward{.hops = number(), .origin = MessageId{ConversationId{number()}, Seq{number()}}};
    }
    for (int i = few(); i > 0; --i) {
      message.reactions.push_back({.emoji = text(20), .count = number()});
    }
    if (coin()) {
      const Version version{number()};
      message.pin = Pin{.by = UserId{number()}, .version = version, .at = time_of(version)};
    }
    return message;
  }

  std::uint64_t seed_ = std::random_device{}();
  std::mt19937_64 random_{seed_};
  testing::ScopedTrace trace_{__FILE__, __LINE__, testing::Message() << "seed " << seed_};
};

constexpr int kRounds = 500;

TEST_F(KvCodec, RowsComeBackAsTheyWere) {
  for (int i = 0; i < kRounds; ++i) {
    const User u = user();
    EXPECT_EQ(fields(decode_user(u.id, encode_user(u)).value()), fields(u));
    const ConversationRow c = conversation();
    EXPECT_EQ(decode_conversation(c.id, encode_conversation(c)).value(), c);
    const MemberRow m = member();
    EXPECT_EQ(decode_member(m.conversation, m.user, encode_member(m)).value(), m);
    const AnnotationRow a = annotation();
    EXPECT_EQ(kv::decode_annotation(a.message, a.user, kv::encode_annotation(a)).value(), a);
    const MembershipRow s{.user = m.user,
                          .conversation = m.conversation,
                          .active = coin(),
                          .version = Version{number()},
                          .with_history = coin()};
    EXPECT_EQ(decode_membership(s.user, s.conversation, encode_membership(s)).value(), s);
  }
}

TEST_F(KvCodec, MessagesComeBackAsTheyWere) {
  for (int i = 0; i < kRounds; ++i) {
    const Message m = message();
    EXPECT_EQ(fields(decode_message(m.id, encode_message(m)).value()), fields(m));
  }
}

TEST_F(KvCodec, SmallRowsComeBackAsTheyWere) {
  for (int i = 0; i < kRounds; ++i) {
    IdempotencyRow row{.request_hash = {}, .seq = Seq{number()}};
    for (auto& byte : row.request_hash) byte = static_cast<unsigned char>(random_());
    const auto idempotency = decode_idempotency(encode_idempotency(row)).value();
    EXPECT_EQ(idempotency.request_hash, row.request_hash);
    EXPECT_EQ(idempotency.seq, row.seq);
    const Session session{.id = SessionId{number()},
                          .user = UserId{number()},
                          .device_name = text(),
                          .created_at = time(),
                          .last_seen_at = time()};
    EXPECT_EQ(fields(decode_session(encode_session(session)).value()), fields(session));
    const ApiKey key{.id = ApiKeyId{number()},
                     .name = text(),
                     .created_at = time(),
                     .scopes = KeyScopes::of_bits(number())};
    EXPECT_EQ(fields(decode_api_key(encode_api_key(key)).value()), fields(key));
    StoreIdentity identity{.epoch = number(), .cursor_secret = {}};
    identity.cursor_secret[31] = static_cast<unsigned char>(i);
    const auto decoded = decode_identity(encode_identity(identity)).value();
    EXPECT_EQ(decoded.epoch, identity.epoch);
    EXPECT_EQ(decoded.cursor_secret, identity.cursor_secret);
    const std::int64_t n = number();
    EXPECT_EQ(decode_number(encode_number(n)).value(), n);
  }
}

TEST_F(KvCodec, AnOrdinaryMessageCostsLittleMoreThanItsText) {
  Message message;
  message.id = {.conversation = ConversationId{std::int64_t{1} << 58}, .seq = Seq{100'000}};
  message.sender = UserId{std::int64_t{1} << 57};
  message.version = Version{std::int64_t{1'700'000'000'000} << 16};
  message.created_at = time_of(message.version);
  message.content = std::string(200, 'x');
  EXPECT_LE(encode_message(message).size(), 200U + 32U);
}

TEST_F(KvCodec, EveryFlippedBitOfAMessageIsCorrupt) {
  for (int i = 0; i < 20; ++i) {
    const Message m = message();
    const std::string value = encode_message(m);
    for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
      std::string flipped = value;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto decoded = decode_message(m.id, flipped);
      ASSERT_FALSE(decoded) << "bit " << bit;
      EXPECT_EQ(decoded.error().code, Code::corrupt);
    }
  }
}

TEST_F(KvCodec, AMessageUnderAnotherKeyIsCorrupt) {
  const Message m = message();
  const std::string value = encode_message(m);
  for (int bit = 0; bit < 64; ++bit) {
    const auto flip = static_cast<std::int64_t>(std::uint64_t{1} << bit);
    MessageId other = m.id;
    other.seq = Seq{to_int(m.id.seq) ^ flip};
    EXPECT_FALSE(decode_message(other, value));
    other = m.id;
    other.conversation = ConversationId{to_int(m.id.conversation) ^ flip};
    EXPECT_FALSE(decode_message(other, value));
  }
}

/// Expects Code::corrupt for every beginning of `value` and for a byte too many; flips each bit,
/// where the only demand is that nothing crashes.
template <class Decode>
void mistreat(const std::string& value, const Decode& decode) {
  for (std::size_t size = 0; size < value.size(); ++size) {
    const auto decoded = decode(std::string_view(value).substr(0, size));
    ASSERT_FALSE(decoded) << "cut to " << size;
    EXPECT_EQ(decoded.error().code, Code::corrupt);
  }
  const auto longer = decode(value + '\0');
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Code::corrupt);
  for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string flipped = value;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto decoded = decode(flipped);
    EXPECT_TRUE(decoded || decoded.error().code == Code::corrupt);
  }
}

TEST_F(KvCodec, DamagedRowsAreCorruptOrAtLeastHarmless) {
  for (int i = 0; i < 10; ++i) {
    mistreat(encode_user(user()), [](std::string_view v) { return decode_user({}, v); });
    mistreat(encode_conversation(conversation()),
             [](std::string_view v) { return decode_conversation({}, v); });
    mistreat(encode_member(member()), [](std::string_view v) { return decode_member({}, {}, v); });
    mistreat(encode_membership({}),
             [](std::string_view v) { return decode_membership({}, {}, v); });
    const Message m = message();
    mistreat(encode_message(m), [&m](std::string_view v) { return decode_message(m.id, v); });
    mistreat(encode_idempotency({.request_hash = {}, .seq = Seq{number()}}), decode_idempotency);
    mistreat(encode_session({.id = {}, .user = {}, .device_name = text(), .created_at = time()}),
             decode_session);
    mistreat(encode_api_key({.id = {}, .name = text(), .created_at = time()}), decode_api_key);
    mistreat(encode_identity({}), decode_identity);
    mistreat(encode_number(number()), decode_number);
  }
}

TEST_F(KvCodec, AKeyOfBeforeThereWereScopesHasAll) {
  // format, id, name, created: as it was written then.
  const ApiKey key{.id = ApiKeyId{5}, .name = "backend", .created_at = time()};
  std::string value = encode_api_key(key);
  EXPECT_EQ(value.front(), '\x10') << "what has all is written as before";
  EXPECT_EQ(decode_api_key(value).value().scopes, KeyScopes::all());
  ApiKey less = key;
  less.scopes = {KeyScope::read_metrics};
  EXPECT_EQ(encode_api_key(less).substr(1), value.substr(1) + '\x04');
  EXPECT_EQ(decode_api_key(encode_api_key(less)).value().scopes, less.scopes);
}

TEST_F(KvCodec, FieldsAppendedByALaterLibraryAreSkipped) {
  const ApiKey key{
      .id = ApiKeyId{5}, .name = "backend", .created_at = time(), .scopes = {KeyScope::admin}};
  std::string value = encode_api_key(key);
  value[0] = static_cast<char>(value[0] + 1);  // "fields were appended once more"
  const auto decoded = decode_api_key(value + "a new field");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(fields(*decoded), fields(key));
  value[0] = static_cast<char>(value[0] + 0x10);  // another layout altogether
  EXPECT_FALSE(decode_api_key(value));
}

TEST_F(KvCodec, HashedRowsComeApart) {
  TokenHash hash{};
  hash.fill(7);
  const std::string value = encode_hashed(hash, "row");
  const auto hashed = decode_hashed(value);
  ASSERT_TRUE(hashed);
  EXPECT_EQ(hashed->hash, hash);
  EXPECT_EQ(hashed->row, "row");
  EXPECT_FALSE(decode_hashed(value.substr(0, 31)));
}

/// The format is on disks: what an encoder gives for a fixed row never changes unnoticed.
TEST_F(KvCodec, TheBytesOfAMessageStayAsTheyAre) {
  Message m;
  m.id = {.conversation = ConversationId{1}, .seq = Seq{2}};
  m.sender = UserId{3};
  m.version = Version{std::int64_t{4} << 16};
  m.created_at = time_of(m.version);
  m.client_id = "c";
  m.content = "hi";
  std::string hex;
  for (const char byte : encode_message(m)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  EXPECT_EQ(hex,
            "100000"
            "0300000000000000"
            "0000040000000000"
            "0163"
            "026869"
            "964dc6e6f50e7a1e");
}

}  // namespace
}  // namespace msg::kv
