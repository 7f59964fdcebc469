// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commit/commit.h"
#include "msg/event.h"
#include "store/store.h"

namespace msg {

/// Whom a change concerns.
struct Concern {
  ConversationId conversation{};
  UserId only_for{};  ///< As in Event; 0: all who listen to the conversation.
  UserId member{};    ///< Who joined, left or is something else there now; 0: nobody.
  bool operator==(const Concern&) const = default;
};

/// What the process behind a writer tells the others of a commit.
struct CommitHint {
  std::size_t writer{0};
  std::uint32_t life{0};
  Version before{};  ///< The writer's newest version before it.
  Version last{};    ///< And with it.
  std::vector<Concern> concerns;
  bool operator==(const CommitHint&) const = default;
};

CommitHint make_hint(const Commit& commit, std::size_t writer);

enum class HintKind : char { commit = 'c', typing = 't', presence = 'p' };

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

  std::string encode(const CommitHint& hint) const;
  std::string encode(ConversationId conversation, const TypingEvent& typing) const;

  /// Nothing when it is not one of ours, or comes from this process.
  std::optional<CommitHint> decode_commit(std::string_view bytes) const;
  std::optional<Event> decode_typing(std::string_view bytes) const;

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
