// SPDX-License-Identifier: Apache-2.0
#include "store/cached/shared_reads.h"

#include <utility>

namespace msg {
namespace {

/// Then it is better to ask twice than to depend on somebody else.
constexpr std::chrono::milliseconds kSharedPatience = std::chrono::seconds(5);

std::string opening_of(ConversationId conversation) {
  return "open " + std::to_string(to_int(conversation));
}

}  // namespace

Result<LoadedPtr> SharedReads::read(ConversationId conversation, std::string_view question,
                                    const Load& load) {
  const std::string key = sealer_.key_of(question);
  auto part = loads_.join(key);
  auto opening = part.leads() ? loads_.find(opening_of(conversation)) : SharedLoads::Part();
  if (auto loaded = wait(part.leads() ? opening : part, key)) {
    part.give(loaded);
    return loaded;
  }
  auto loaded = find_cached(key);
  if (!loaded) {
    MSG_TRY(auto bytes, load());
    loaded = keep(key, std::move(bytes));
  }
  part.give(loaded);
  return loaded;
}

SharedLoads::Part SharedReads::open(ConversationId conversation) {
  return loads_.join(opening_of(conversation));
}

void SharedReads::opened(SharedLoads::Part part, std::string_view question, const Load& load) {
  if (!part.close()) return;  // nobody else wants it: so it is not for the cache either
  auto bytes = load();
  if (bytes) part.give(keep(sealer_.key_of(question), *std::move(bytes)));
}

LoadedPtr SharedReads::wait(SharedLoads::Part& part, std::string_view key) {
  if (!part) return nullptr;
  ++cache_->use().waiting;
  auto loaded = part.wait(kSharedPatience);
  --cache_->use().waiting;
  if (!loaded || loaded->key != key) return nullptr;
  ++cache_->use().shared;
  return loaded;
}

LoadedPtr SharedReads::find_cached(const std::string& key) {
  const auto sealed = cache_->find(key);
  if (!sealed) return nullptr;
  auto bytes = sealer_.open(key, *sealed);
  ++(bytes ? cache_->use().hits : cache_->use().refused);
  if (!bytes) return nullptr;
  return std::make_shared<const Loaded>(key, *std::move(bytes));
}

LoadedPtr SharedReads::keep(const std::string& key, std::string bytes) {
  ++cache_->use().loads;
  cache_->put(key, sealer_.seal(key, bytes));
  return std::make_shared<const Loaded>(key, std::move(bytes));
}

}  // namespace msg
