// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace msg::bench {

/// An engine as it is, without the library: the rows that a chat has to store and read, with the
/// same fields, in the same batches. Nothing is checked, nothing can be refused or repeated, and
/// one thread owns it.
///
/// One user is in so many rooms. The messages go to the rooms in turn and have a dense seq there.
class RawEngine {
 public:
  RawEngine() = default;
  RawEngine(const RawEngine&) = delete;
  RawEngine& operator=(const RawEngine&) = delete;
  virtual ~RawEngine() = default;

  /// One durable commit of `batch` messages with their idempotency keys, and the heads of the
  /// rooms, each once.
  virtual void write(int batch) = 0;
  /// Copies out the `limit` messages before `seq`, newest first. Returns how many there were.
  virtual std::size_t read_page(int room, std::int64_t seq, int limit) = 0;
  /// Reads what a list or a sync compares: membership, head and member record of each room.
  virtual std::size_t read_heads() = 0;
};

/// Numbers the messages of a RawEngine.
struct Numbering {
  int rooms;
  std::int64_t count{0};

  struct Place {
    std::int64_t room;
    std::int64_t seq;
  };
  Place next() {
    const auto number = count++;
    return {number % rooms, number / rooms + 1};
  }
};

}  // namespace msg::bench
