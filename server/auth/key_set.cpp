// SPDX-License-Identifier: Apache-2.0
#include "auth/key_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "http/json_read.h"

namespace msgd {

std::expected<KeySet, std::string> KeySet::parse(std::string_view text, Secrets secrets) {
  const bool all_must_do = secrets == Secrets::allowed;
  if (text.size() > kKeySetBytesMax) {
    return std::unexpected(fmt::format("it has more than {} bytes", kKeySetBytesMax));
  }
  const auto parsed = parse_object(text);
  if (!parsed) return std::unexpected("it is not JSON: " + parsed.error().detail);
  const auto* listed = parsed->if_contains("keys");
  const auto* list = listed == nullptr ? nullptr : listed->if_array();
  if (list == nullptr) return std::unexpected(R"(it is not a JWK set: {"keys":[…]})");
  if (list->size() > kKeySetKeysMax) {
    return std::unexpected(fmt::format("it has more than {} keys", kKeySetKeysMax));
  }
  KeySet set;
  std::string why = "it has no keys";
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* jwk = list->at(i).if_object();
    if (jwk == nullptr) return std::unexpected(fmt::format("its key {} is no object", i + 1));
    auto key = VerificationKey::from_jwk(*jwk, secrets);
    if (key) {
      set.keys_.push_back(*std::move(key));
      continue;
    }
    why = fmt::format("its key {} cannot be used: {}", i + 1, key.error());
    if (all_must_do) return std::unexpected(std::move(why));
  }
  if (set.keys_.empty()) return std::unexpected(std::move(why));
  if (set.keys_.size() == 1) return set;
  for (const VerificationKey& key : set.keys_) {
    if (key.id().empty()) return std::unexpected("of several keys each must have a \"kid\"");
    if (std::ranges::count(set.keys_, key.id(), &VerificationKey::id) > 1) {
      return std::unexpected("two of its keys have the same \"kid\"");
    }
  }
  return set;
}

const VerificationKey* KeySet::find(std::string_view kid) const {
  if (kid.empty()) return keys_.size() == 1 ? keys_.data() : nullptr;
  const auto found = std::ranges::find(keys_, kid, &VerificationKey::id);
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace msgd
