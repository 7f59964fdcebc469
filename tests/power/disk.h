// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "power/platter.h"
#include "power/step.h"

namespace msg::power {

/// A folder whose every change is noted, in order, by those who make it: SQLite's files by
/// sqlite_vfs.cpp, RocksDB's by rocksdb_files.cpp, the library's own by system_calls.cpp. The files
/// are real ones, in memory where the machine has a place for that, and are gone with the disk.
///
/// One at a time. Thread safety: any thread.
class Disk {
 public:
  /// What goes wrong at the `nth` request of its kind, and from then on if it is `lasting`.
  struct Fault {
    Step::Kind kind{};  ///< write, sync, create, rename or sync_directory.
    int nth{1};
    int error{};  ///< EIO, ENOSPC; a write may have written its first half.
    bool lasting{false};
  };

  Disk();
  /// What a killed process left: all that it had written, though not all is safe.
  explicit Disk(const Platter& left);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  const std::filesystem::path& root() const { return root_; }
  const std::vector<Step>& steps() const { return steps_; }
  std::size_t position() const;

  void fail(std::optional<Fault> fault);
  /// Where the fault struck first.
  std::optional<std::size_t> failed_at() const { return failed_at_; }
  /// The name of the file whose sync it was.
  const std::string& failed_sync() const { return failed_sync_; }
  /// Called before a sync of a file, in the thread that asks for it. When this returns, the hook
  /// before is called no more.
  using Hook = std::function<void(const std::string& path)>;
  void before_syncs(Hook hook);
  /// A store that does not wait for the disk: syncs of files named like this are not asked for.
  void forget_syncs_of(std::string suffix) { forgotten_ = std::move(suffix); }

  // For those who note. The disk that a path is on, or null.
  static Disk* of(std::string_view path);
  /// The errno with which a request fails; 0: it does not.
  int refuses(Step::Kind kind);
  /// A file that is opened for writing, and made if there is none.
  int open(const std::string& path, bool replace = false);
  void write(int file, std::uint64_t offset, std::string_view bytes);
  void truncate(int file, std::uint64_t size);
  /// False when the fault struck.
  bool sync(int file, const std::string& path);
  bool sync_directory(const std::string& path);
  void rename(const std::string& from, const std::string& to);
  void remove(const std::string& path);
  void make_directory(const std::string& path);

 private:
  std::string name_of(std::string_view path) const;
  void note(Step step);

  std::filesystem::path root_;
  std::mutex hook_mutex_;
  Hook hook_;
  mutable std::mutex mutex_;
  std::vector<Step> steps_;
  std::map<std::string, int> names_;
  int next_file_{0};
  std::optional<Fault> fault_;
  std::optional<std::size_t> failed_at_;
  std::string failed_sync_;
  std::string forgotten_;
};

/// Makes a folder, in memory where there is a place for that.
std::filesystem::path make_folder();
void write_image(const Image& image, const std::filesystem::path& root);

}  // namespace msg::power
