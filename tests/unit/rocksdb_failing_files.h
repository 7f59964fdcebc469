// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace msg::test {

/// The files of this machine, with a disk that fails once, when told to, and behaves as if nothing
/// had been: as Linux does after a failed fsync.
///
/// Thread safety: any thread; fail_*() and lose_unsynced() while nothing is written.
class FailingFiles final : public rocksdb::FileSystemWrapper {
 public:
  FailingFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FailingFiles"; }

  /// The `nth` sync from now of a file whose name ends in `suffix` fails: 1 is the next.
  void fail_sync(int nth, std::string suffix) { arm(nth, std::move(suffix), true); }
  /// Likewise a write, in its middle.
  void fail_append(int nth, std::string suffix) { arm(nth, std::move(suffix), false); }
  [[nodiscard]] bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

  /// A power cut: of each log file only what was synced is left.
  void lose_unsynced() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, size] : durable_) {
      if (name.ends_with(".log") && FileExists(name, {}, nullptr).ok()) {
        Truncate(name, size, {}, nullptr).PermitUncheckedError();
      }
    }
  }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    auto status = target()->NewWritableFile(name, options, result, debug);
    if (status.ok()) *result = std::make_unique<File>(*this, name, std::move(*result));
    return status;
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(FailingFiles& files, std::string name, std::unique_ptr<rocksdb::FSWritableFile> target)
        : FSWritableFileOwnerWrapper(std::move(target)), files_(files), name_(std::move(name)) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (!files_.fails(name_, false)) return FSWritableFileWrapper::Append(data, options, debug);
      const rocksdb::Slice half(data.data(), data.size() / 2);
      FSWritableFileWrapper::Append(half, options, debug).PermitUncheckedError();
      return rocksdb::IOStatus::IOError("write failed", name_);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*info*/,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      return sync(FSWritableFileWrapper::Sync(options, debug), options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      return sync(FSWritableFileWrapper::Fsync(options, debug), options, debug);
    }

   private:
    rocksdb::IOStatus sync(rocksdb::IOStatus status, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) {
      if (files_.fails(name_, true)) return rocksdb::IOStatus::IOError("fsync failed", name_);
      if (status.ok()) files_.synced(name_, GetFileSize(options, debug));
      return status;
    }
    FailingFiles& files_;
    std::string name_;
  };

  void arm(int nth, std::string suffix, bool sync) {
    const std::lock_guard lock(mutex_);
    countdown_ = nth;
    suffix_ = std::move(suffix);
    at_sync_ = sync;
    lost_.clear();
    failed_ = false;
  }
  bool fails(const std::string& name, bool sync) {
    const std::lock_guard lock(mutex_);
    // What is not synced once is not made good by a later sync.
    if (sync && lost_ == name) return false;
    if (sync != at_sync_ || countdown_ == 0 || !name.ends_with(suffix_) || --countdown_ > 0) {
      return false;
    }
    lost_ = name;
    return failed_ = true;
  }
  void synced(const std::string& name, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    if (name != lost_) durable_[name] = size;
  }

  mutable std::mutex mutex_;
  int countdown_ = 0;
  bool at_sync_ = true;
  std::string suffix_;
  bool failed_ = false;
  std::string lost_;  // the file that failed
  std::map<std::string, std::uint64_t> durable_;
};

}  // namespace msg::test
