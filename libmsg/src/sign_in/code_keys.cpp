// SPDX-License-Identifier: Apache-2.0
#include "sign_in/code_keys.h"

#include <sodium.h>

#include <algorithm>
#include <limits>

#include "core/secrets.h"
#include "core/varint.h"

namespace msg {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string to_text(const RequestId& id) {
  std::string bytes;
  put_fixed64(bytes, static_cast<std::uint64_t>(id.owner));
  bytes.append(id.number.begin(), id.number.end());
  return encode_base64url(bytes);
}

std::optional<RequestId> parse_request_id(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  const auto bytes = decode_base64url(text);
  if (!bytes || bytes->size() != 8 + std::tuple_size_v<RequestNumber>) return std::nullopt;
  ByteReader reader(*bytes);
  RequestId id{.owner = static_cast<std::int64_t>(reader.fixed64())};
  std::ranges::copy(reader.raw(id.number.size()), id.number.begin());
  return id;
}

RequestNumber make_request_number() {
  RequestNumber number{};
  randombytes_buf(number.data(), number.size());
  return number;
}

std::string make_code() {
  const std::string digits = std::to_string(randombytes_uniform(1'000'000));
  return std::string(6 - digits.size(), '0') + digits;
}

CodeKeys::CodeKeys(const StoreIdentity& identity) {
  constexpr std::string_view kPurpose = "sign-in by phone, 1";
  crypto_generichash(key_.data(), key_.size(), bytes_of(kPurpose), kPurpose.size(),
                     identity.cursor_secret.data(), identity.cursor_secret.size());
}

std::int64_t CodeKeys::owner_of(std::string_view phone) const {
  const CodeHash hash = keyed("p" + std::string(phone));
  const std::string_view bytes(reinterpret_cast<const char*>(hash.data()), hash.size());
  return static_cast<std::int64_t>(ByteReader(bytes).fixed64() >> 1);
}

// The nonce comes with its size, so that no two pairs of nonce and code look alike.
CodeHash CodeKeys::hash_of(const RequestNumber& request, std::string_view nonce,
                           std::string_view code) const {
  std::string text = "c";
  text.append(request.begin(), request.end());
  put_text(text, nonce);
  text += code;
  return keyed(text);
}

CodeHash CodeKeys::keyed(std::string_view text) const {
  CodeHash hash{};
  crypto_generichash(hash.data(), hash.size(), bytes_of(text), text.size(), key_.data(),
                     key_.size());
  return hash;
}

}  // namespace msg
