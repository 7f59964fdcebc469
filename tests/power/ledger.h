// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace msg::power {

/// A place in Disk::steps(): what was true there is owed after every later cut.
using Position = std::size_t;

inline constexpr int kPeople = 2;  ///< They have one conversation, and no other.

/// What the clients of a store know: what they asked for, when, and what they were told. Messages
/// are named by their keys, 0, 1, 2 …, which are the places in `sends`.
struct Ledger {
  struct Send {
    int sender{};
    std::string body;
    Position started{};
    std::optional<Position> told;  ///< Where the answer came; without one the outcome is open.
    std::int64_t seq{};
  };
  struct Mark {
    int reader{};
    bool read{};  ///< Else delivered.
    std::int64_t up_to{};
    Position told{};
  };
  /// A page of sync, and with it a cursor.
  struct Page {
    int reader{};
    std::string cursor;
    std::int64_t seen{};  ///< The highest seq that this reader was offered.
    Position told{};
  };
  struct Login {
    std::string token;
    Position told{};
  };
  std::vector<Send> sends;
  std::vector<Mark> marks;
  std::vector<Page> pages;
  std::vector<Login> logins;
  std::optional<Position> people_told;  ///< Both are registered.
  std::optional<Position> chat_told;

  /// What was known when the disk had taken so many steps.
  Ledger as_of(Position position) const;
  /// The same, for whoever goes on on a disk that begins there.
  Ledger carried_over(Position position) const;
  /// How much is owed; rises with the position.
  std::size_t weight() const;
};

}  // namespace msg::power
