// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "raw_engine.h"

namespace msg::bench {

/// Where the stores of a run live: a temporary folder (TMPDIR says on which disk) and a PostgreSQL
/// server of our own. All is gone at the end.
class Places {
 public:
  Places();
  ~Places();
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  /// Says why not when `store` is none, or PostgreSQL is not installed.
  static bool can_use(const std::string& store);

  /// URL of an empty place for the library, another one each time.
  std::string make_url(const std::string& store);
  /// What the store of that URL takes on the disk; of PostgreSQL its tables and indexes.
  std::int64_t bytes_on_disk(const std::string& url) const;
  void erase(const std::string& url);
  /// What PostgreSQL does by itself within minutes: looks at the tables, for its plans.
  void analyze(const std::string& store);

  /// A new engine of the kind that is below that store. The one before must be gone.
  std::unique_ptr<RawEngine> make_raw(const std::string& store, int rooms);

 private:
  std::filesystem::path directory_;
};

}  // namespace msg::bench
