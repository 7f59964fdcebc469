// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace msg::power {

/// One thing that a store asked of the disk. Names are relative to the disk's root; "" is the root.
struct Step {
  enum class Kind {
    create,          ///< A new, empty file under `name`, in place of another by that name.
    write,           ///< `bytes` at `offset`.
    truncate,        ///< To `offset` bytes.
    sync,            ///< Everything in the file is on the disk when it returns.
    failed_sync,     ///< It said so; what it should have written stays where it is, for ever.
    rename,          ///< `name` to `to`, which it replaces.
    remove,          ///< The name, not what is open.
    make_directory,  ///< Under `name`.
    sync_directory,  ///< All names in the directory `name`, or gone from it, are on the disk.
  };
  Kind kind{};
  int file{
      -1};  ///< Of create, write, truncate and the syncs: which file, whatever its name is now.
  std::string name{};
  std::string to{};
  std::uint64_t offset{};
  std::string bytes{};

  bool changes_names() const {
    return kind == Kind::create || kind == Kind::rename || kind == Kind::remove ||
           kind == Kind::make_directory;
  }
};

}  // namespace msg::power
