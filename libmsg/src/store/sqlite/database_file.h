// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg::sqlite {

/// The absolute path of the database behind symbolic links, so that one file has one lock.
/// invalid_argument (field "url"): empty, a directory, no regular file. not_found: its directory
/// does not exist; it is never made.
Result<std::string> resolve_path(std::string_view path);

/// Whether there is a database of ours at `path`; an empty file counts as none. Reads, never
/// writes. corrupt: no SQLite database at all. conflict: one of another program.
///
/// Call it only under the lock of the file: closing any descriptor of a file drops the locks that
/// SQLite holds on it in the same process.
Result<bool> has_database(const std::string& path);

/// Makes a database with an identity at `path`, complete or not at all: it is built beside and
/// renamed into place. Mode 0600, which SQLite passes on to its log files.
/// conflict: the log of an earlier database lies there and would be mixed into the new one.
Result<void> create_database(const std::string& path);

}  // namespace msg::sqlite
