// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feed/news.h"
#include "msg/event.h"
#include "store/store.h"

namespace msg {

/// What another process told of a commit: ids and numbers. Receipts are made of those, so they are
/// there in whole; of a new message it says which one, and the store has it. Whom anything else
/// concerns, has to sync.
struct CommitHint {
  struct Sent {
    std::size_t item{0};  ///< Which one of the news, where a Concern stands for it.
    MessageId message;
    Version version{};
  };
  News news;
  std::vector<Sent> sent;
};

enum class HintKind : char {
  commit = 'C',
  word = 'x'  ///< Of a SealedChannel.
};

/// Turns hints into bytes and back.
///
/// bytes  = format:1 kind:1 source:8 body mac:16
/// source = of the process, so that it knows its own
/// mac    = store_mac() of all before it: who reaches the bus, but not the store, can make nobody
///          look anywhere
///
/// Thread safety: const calls from any thread.
class HintCodec {
 public:
  explicit HintCodec(const StoreIdentity& identity);

  std::string encode(const News& news) const;

  /// Nothing when it is not one of ours, or comes from this process.
  std::optional<CommitHint> decode_commit(std::string_view bytes) const;

  // The same for a body of any kind.
  std::string seal(HintKind kind, std::string_view body) const;
  struct Unsealed {
    std::string_view source;
    std::string_view body;
  };
  std::optional<Unsealed> unseal(HintKind kind, std::string_view bytes) const;

 private:
  StoreIdentity identity_;
  std::string source_;
};

}  // namespace msg
