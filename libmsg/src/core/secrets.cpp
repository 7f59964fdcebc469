// SPDX-License-Identifier: Apache-2.0
#include "core/secrets.h"

#include <sodium.h>

#include <algorithm>

namespace msg {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Feeds parts with their lengths, so that no two lists of parts look alike.
class RequestHasher {
 public:
  RequestHasher() { crypto_generichash_init(&state_, nullptr, 0, 16); }

  void add(std::string_view part) {
    add(static_cast<std::int64_t>(part.size()));
    crypto_generichash_update(&state_, bytes_of(part), part.size());
  }

  void add(std::int64_t number) {
    std::array<unsigned char, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> (8 * i));
    }
    crypto_generichash_update(&state_, bytes.data(), bytes.size());
  }

  std::array<unsigned char, 16> finish() {
    std::array<unsigned char, 16> hash{};
    crypto_generichash_final(&state_, hash.data(), hash.size());
    return hash;
  }

 private:
  crypto_generichash_state state_{};
};

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string make_token(std::string_view prefix) {
  std::string random = random_bytes(32);
  std::string token(prefix);
  token += encode_base64url(random);
  sodium_memzero(random.data(), random.size());
  return token;
}

TokenHash hash_token(std::string_view token) {
  TokenHash hash{};
  crypto_hash_sha256(hash.data(), bytes_of(token), token.size());
  return hash;
}

std::array<unsigned char, 16> hash_request(const Draft& draft) {
  RequestHasher hasher;
  hasher.add(static_cast<std::int64_t>(draft.kind));
  hasher.add(draft.content);
  hasher.add(draft.reply_to ? to_int(*draft.reply_to) : 0);
  hasher.add(draft.timestamp ? draft.timestamp->time_since_epoch().count() : -1);
  for (const UserId user : draft.mentions) hasher.add(to_int(user));
  return hasher.finish();
}

std::array<unsigned char, 16> hash_forward(const MessageId& message) {
  RequestHasher hasher;
  hasher.add(std::int64_t{-1});  // no kind of message
  hasher.add(to_int(message.conversation));
  hasher.add(to_int(message.seq));
  return hasher.finish();
}

std::string encode_base64url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), kVariant);
  text.pop_back();  // the terminator that libsodium writes
  return text;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  // libsodium 1.0.18 takes any byte above ASCII for some character of the alphabet.
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 127; })) {
    return std::nullopt;
  }
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int status = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       text.data(), text.size(), nullptr, &size, &end,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (status != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

std::uint32_t make_life_tag() {
  return 1 + randombytes_uniform(UINT32_MAX);
}

}  // namespace msg
