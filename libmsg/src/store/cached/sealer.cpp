// SPDX-License-Identifier: Apache-2.0
#include "store/cached/sealer.h"

#include <sodium.h>

#include "core/secrets.h"
#include "core/varint.h"

namespace msg {
namespace {

/// Of what is sealed and of how rows are written in it (cached_rows.h): one that changes takes
/// another number, so that old and new libraries do not read each other's.
constexpr char kSealFormat = 1;
constexpr std::size_t kSealNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kSealTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSealHeadBytes = 1 + kSealNonceBytes;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::array<unsigned char, 32> derive(const StoreIdentity& identity, std::string_view purpose) {
  std::string input(purpose);
  put_fixed64(input, static_cast<std::uint64_t>(identity.epoch));
  std::array<unsigned char, 32> key{};
  crypto_generichash(key.data(), key.size(), bytes_of(std::string_view(input)), input.size(),
                     identity.cursor_secret.data(), identity.cursor_secret.size());
  return key;
}

/// What a seal vouches for beside the answer.
std::string context_of(std::string_view key) {
  return kSealFormat + std::string(key);
}

}  // namespace

Sealer::Sealer(const StoreIdentity& identity)
    : name_key_(derive(identity, "msg cache name")),
      seal_key_(derive(identity, "msg cache seal")) {}

std::string Sealer::key_of(std::string_view question) const {
  std::array<unsigned char, 24> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes_of(question), question.size(),
                     name_key_.data(), name_key_.size());
  return encode_base64url({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string Sealer::seal(std::string_view key, std::string_view answer) const {
  const std::string context = context_of(key);
  std::string sealed(kSealHeadBytes + answer.size() + kSealTagBytes, '\0');
  sealed[0] = kSealFormat;
  unsigned char* const nonce = bytes_of(sealed) + 1;
  randombytes_buf(nonce, kSealNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes_of(sealed) + kSealHeadBytes, nullptr, bytes_of(answer), answer.size(),
      bytes_of(std::string_view(context)), context.size(), nullptr, nonce, seal_key_.data());
  return sealed;
}

std::optional<std::string> Sealer::open(std::string_view key, std::string_view sealed) const {
  if (sealed.size() < kSealHeadBytes + kSealTagBytes || sealed[0] != kSealFormat)
    return std::nullopt;
  const std::string context = context_of(key);
  std::string answer(sealed.size() - kSealHeadBytes - kSealTagBytes, '\0');
  const int wrong = crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes_of(answer), nullptr, nullptr, bytes_of(sealed) + kSealHeadBytes,
      sealed.size() - kSealHeadBytes, bytes_of(std::string_view(context)), context.size(),
      bytes_of(sealed) + 1, seal_key_.data());
  if (wrong != 0) return std::nullopt;
  return answer;
}

}  // namespace msg
