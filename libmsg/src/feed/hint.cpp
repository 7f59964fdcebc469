// SPDX-License-Identifier: Apache-2.0
#include "feed/hint.h"

#include <sodium.h>

#include "core/store_mac.h"
#include "feed/news_codec.h"

namespace msg {
namespace {

constexpr char kFormat = 'h';  // none of CursorCodec, whose macs are made the same way
constexpr std::size_t kSourceBytes = 8;
constexpr std::size_t kMacBytes = sizeof(StoreMac);

}  // namespace

HintCodec::HintCodec(const StoreIdentity& identity) : identity_(identity) {
  source_.resize(kSourceBytes);
  randombytes_buf(source_.data(), source_.size());
}

std::string HintCodec::encode(const News& news) const {
  return seal(HintKind::commit, encode_news(news));
}

std::optional<CommitHint> HintCodec::decode_commit(std::string_view bytes) const {
  const auto unsealed = unseal(HintKind::commit, bytes);
  if (!unsealed) return std::nullopt;
  return decode_news(unsealed->body);
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
