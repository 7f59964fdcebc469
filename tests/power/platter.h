// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "power/step.h"

namespace msg::power {

/// What a power cut leaves of all that was not synced. Names keep their order: a directory holds
/// the changes up to some moment, as it does on a file system with a journal. Writes have none.
enum class Cut {
  drop_all,     ///< Nothing of it.
  keep_all,     ///< All of it: a killed process, with the system alive.
  torn_sector,  ///< All, but the last write ends after some of its sectors of 512 bytes.
  torn_byte,    ///< All, but the last write ends anywhere.
  only_names,   ///< Directories are up to date, files have only what was synced.
  only_last,    ///< Of what was written the last piece alone: writes changed places.
  random,       ///< Names up to some moment; of each write all, nothing, some sectors or zeros;
                ///< of files that grow in order a beginning.
};
std::string_view to_string(Cut cut);

/// Files by name, as they are found after the power has come back. No bytes: a directory.
using Image = std::map<std::string, std::optional<std::string>>;

/// What is on the disk for certain, and what is on its way.
///
/// Its rules are POSIX's and no more: a file's bytes are safe after its own sync, its name after a
/// sync of the directory. After a sync that failed the bytes it was for never are: the system takes
/// them for written and a later sync does not try again.
class Platter {
 public:
  /// Of files whose name contains `in_order` comes back a beginning of what was not synced, and
  /// perhaps zeros behind it. Empty: of none.
  explicit Platter(std::string in_order = {}) : in_order_(std::move(in_order)) {}

  void take(const Step& step);
  Image image(Cut cut, std::mt19937& random) const;

  /// What a program sees now, as opposed to what would be left.
  const std::map<std::string, int>& names() const { return names_; }
  int next_file() const { return next_file_; }

 private:
  enum class State { pending, doomed, safe };
  struct Piece {
    Step step;
    std::size_t number{};
    State state{State::pending};
  };
  struct File {
    bool in_order{};
    std::string bytes;          // safe
    std::vector<Piece> pieces;  // in order, behind those
  };
  /// How much of a piece is kept.
  struct Share {
    enum class Kind { nothing, all, first_bytes, some_sectors, zeros } kind{};
    std::size_t bytes{};
  };
  using Names = std::map<std::string, int>;
  static constexpr int kDirectory = -1;

  static void rename_in(Names& names, const Step& step);
  static void put(std::string& bytes, const Step& step, const Share& share, std::mt19937& random);
  Names names_after(Cut cut, std::mt19937& random) const;
  static Share share_of(const Step& step, bool is_last, Cut cut, std::mt19937& random);
  static std::string what_is_left(const File& file, std::size_t last, Cut cut,
                                  std::mt19937& random);
  static std::string beginning_of(const File& file, std::mt19937& random);
  /// The number of the last write that is not safe.
  std::size_t last_write() const;

  std::string in_order_;
  std::map<int, File> files_;
  Names safe_names_;
  std::vector<Step> name_steps_;  // not synced
  Names names_;
  int next_file_{0};
  std::size_t steps_{0};
};

}  // namespace msg::power
