// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/env.h>

#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg::rocks {

/// The absolute path of the store's directory behind symbolic links, so that one directory has
/// one lock. invalid_argument (field "url"): empty, or something that is no directory. not_found:
/// the directory it would lie in does not exist; it is never made.
Result<std::string> resolve_directory(std::string_view path);

/// Makes the directory, mode 0700, when there is none, and makes its name durable.
Result<void> make_directory(const std::string& path);

/// Whether a database lies in the directory. What a creation left that was cut short counts as
/// none. conflict: files of somebody else lie there, or of a database that lost its CURRENT file.
Result<bool> has_database(const std::string& path);

/// The process that has the database open, in words: "process 123", else "another process".
/// Call it only after RocksDB said that its lock is taken, and not by this process: closing any
/// descriptor of a file drops the locks that the process itself holds on it.
std::string lock_owner(const std::string& path);

}  // namespace msg::rocks
