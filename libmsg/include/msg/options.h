// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "msg/types.h"

namespace msg {

class Bus;
class Cache;

/// Sizes at which a request is refused as invalid_argument. "Characters" are Unicode code points.
struct Limits {
  std::size_t content_bytes_max = 64 * 1024;
  std::size_t client_id_bytes_max = 128;  ///< Printable ASCII.
  std::size_t title_characters_max = 128;
  std::size_t display_name_characters_max = 64;
  std::size_t about_characters_max = 256;
  std::size_t avatar_bytes_max = 512;
  std::size_t device_name_characters_max = 64;
  std::int64_t group_members_max = 1024;
  std::size_t sessions_per_user_max = 16;  ///< The oldest session ends when one more begins.
  int page_size_max = 200;
  int page_size_default = 50;
  /// Messages per conversation in one sync page; older ones come as a range to fetch.
  int sync_messages_max = 50;
  /// A page of messages, conversations or changes ends before its limit rather than have more
  /// bytes of content than this. Only a first item that is larger by itself comes all the same,
  /// alone. A conversation's content is its last message, a change's that and its messages.
  std::size_t page_bytes_max = 1024 * 1024;
  std::size_t reaction_bytes_max = 64;
  std::size_t reaction_kinds_max = 32;  ///< Different ones on a message.
  std::size_t pins_max = 20;            ///< Messages pinned in a conversation.
  std::size_t mentions_max = 50;        ///< Members mentioned in a message.
  /// A sender edits a message, and deletes it for everyone, until it is so old; 0: never.
  std::chrono::milliseconds edit_age_max = std::chrono::hours(24);
  std::chrono::milliseconds delete_age_max = std::chrono::hours(48);
  /// Above this size a conversation's receipts are pushed to the receipt's owner only; everyone
  /// still finds them by sync, status and member list.
  std::int64_t receipt_fanout_members_max = 256;
};

/// What kind of program a store lives in, for stores whose caches are ours to size (rocksdb:).
enum class Profile {
  server,  ///< 256 MiB of memory, 512 open files, four background threads.
  phone,   ///< 16 MiB of memory, 64 open files, two background threads.
};
inline constexpr std::size_t kStoreMemoryBytesMin = std::size_t{4} << 20;
inline constexpr std::size_t kStoreMemoryBytesMax = std::size_t{1} << 40;

inline constexpr int kNodeFromStore = -1;

struct Options {
  Limits limits;

  /// Part of every id made here: 0–1023, different in every process that shares a store. Processes
  /// whose numbers are the same modulo 24 do no harm, but their commits take turns. Or
  /// kNodeFromStore: a shared store gives each process a number of its own, for as long as it has
  /// the store open; one that was cut off from it for a minute writes nothing more.
  int node = 0;

  /// Whether the one who begins a direct conversation waits for the other to accept it; see
  /// Moderation::accept_direct(). Of conversations made from now on.
  bool direct_needs_acceptance = false;

  /// How long administrative acts are kept in the audit trail.
  std::chrono::milliseconds audit_age_max = std::chrono::days(400);
  /// A session ends so long after its last use (known as exactly as kLastSeenStep), and so long
  /// after it was made.
  std::chrono::milliseconds session_idle_max = std::chrono::days(30);
  std::chrono::milliseconds session_age_max = std::chrono::days(180);

  /// Writes waiting for a commit. One more is answered `overloaded`.
  std::size_t commit_queue_max = 16 * 1024;
  /// Bytes of content among them, likewise; and of a commit.
  std::size_t commit_queue_bytes_max = 64 * 1024 * 1024;
  /// Writes that share one commit at most.
  std::size_t commit_batch_max = 1024;

  /// What tells the processes on one store of each other's changes at once; without it they notice
  /// within `follow_interval`, which costs everybody who listens a sync. Ignored by stores that one
  /// process has for itself.
  std::shared_ptr<Bus> bus;
  /// How often a shared store is asked for changes that the bus did not tell of. With a bus they
  /// are noticed within two of these.
  std::chrono::milliseconds follow_interval = std::chrono::seconds(1);

  /// Where the processes on one store keep what many read of the same groups, so that it is read
  /// from the store once; no answer is another one for it. Ignored by stores that one process has
  /// for itself.
  std::shared_ptr<Cache> cache;

  /// False refuses to open a store whose schema is older than this library's.
  bool migrate = true;

  /// Reader connections of a store that has them, opened when needed.
  int readers = 4;

  Profile profile = Profile::server;
  /// Bytes that a rocksdb: store aims to hold in memory, caches, write buffers and compaction
  /// together, instead of the profile's (256 MiB, phone 16 MiB): kStoreMemoryBytesMin (4 MiB) to
  /// kStoreMemoryBytesMax (1 TiB); 0: the profile's.
  std::size_t store_memory_bytes = 0;

  /// Conversation lists of at least this length are kept in memory while they are read; a shorter
  /// one is read from the store for each page.
  std::size_t list_cache_from = 1000;
  /// Conversations in all lists that are kept, of some 70 bytes each. A longer list is never kept;
  /// 0: none is.
  std::size_t list_cache_max = 500'000;

  /// Where time comes from. It may jump; order and uniqueness do not depend on it.
  std::function<Time()> clock = [] {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  };

  /// Receives one line per event worth a person's attention (recovery, a failing disk). It is
  /// called from any thread and must not call back into the library. Empty: lines go nowhere.
  std::function<void(std::string_view line)> log;
};

}  // namespace msg
