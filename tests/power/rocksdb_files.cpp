// SPDX-License-Identifier: Apache-2.0
#include "power/rocksdb_files.h"

#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <cerrno>
#include <string>
#include <thread>
#include <utility>

#include "power/disk.h"

namespace msg::power {
namespace {

using rocksdb::DirFsyncOptions;
using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus failure(int error, const std::string& path) {
  return error == ENOSPC ? IOStatus::NoSpace("no space left", path)
                         : IOStatus::IOError("input/output error", path);
}

class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(Disk& disk, int file, std::string path, std::uint64_t size,
              std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)),
        disk_(disk),
        file_(file),
        path_(std::move(path)),
        size_(size) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const int error = disk_.refuses(Step::Kind::write);
    const Slice taken(data.data(), error == 0 ? data.size() : data.size() / 2);
    const IOStatus status = FSWritableFileWrapper::Append(taken, options, debug);
    if (status.ok()) {
      disk_.write(file_, size_, taken.ToStringView());
      size_ += taken.size();
    }
    return error == 0 ? status : failure(error, path_);
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = FSWritableFileWrapper::Truncate(size, options, debug);
    if (status.ok() && size != size_) disk_.truncate(file_, size_ = size);
    return status;
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return disk_.sync(file_, path_) ? IOStatus::OK() : failure(EIO, path_);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  Disk& disk_;
  int file_;
  std::string path_;
  std::uint64_t size_;
};

class WatchedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  WatchedDirectory(Disk& disk, std::string path, std::unique_ptr<FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return disk_.sync_directory(path_) ? IOStatus::OK() : failure(EIO, path_);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const DirFsyncOptions& /*how*/) override {
    return Fsync(options, debug);
  }

 private:
  Disk& disk_;
  std::string path_;
};

class WatchedFiles final : public rocksdb::FileSystemWrapper {
 public:
  WatchedFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "WatchedFiles"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override {
    return watch(path, true, result,
                 [&] { return target()->NewWritableFile(path, options, result, debug); });
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* debug) override {
    return watch(path, false, result,
                 [&] { return target()->ReopenWritableFile(path, options, result, debug); });
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override {
    IOStatus status = target()->NewDirectory(path, options, result, debug);
    Disk* const disk = Disk::of(path);
    if (status.ok() && disk != nullptr) {
      *result = std::make_unique<WatchedDirectory>(*disk, path, std::move(*result));
    }
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = target()->DeleteFile(path, options, debug);
    if (Disk* const disk = Disk::of(path); status.ok() && disk != nullptr) disk->remove(path);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    Disk* const disk = Disk::of(to);
    if (const int error = disk == nullptr ? 0 : disk->refuses(Step::Kind::rename)) {
      return failure(error, to);
    }
    IOStatus status = target()->RenameFile(from, to, options, debug);
    if (status.ok() && disk != nullptr) disk->rename(from, to);
    return status;
  }

 private:
  template <class Open>
  static IOStatus watch(const std::string& path, bool replace,
                        std::unique_ptr<rocksdb::FSWritableFile>* result, const Open& open) {
    Disk* const disk = Disk::of(path);
    if (disk == nullptr) return open();
    if (const int error = disk->refuses(Step::Kind::create)) return failure(error, path);
    IOStatus status = open();
    if (!status.ok()) return status;
    const std::uint64_t size = (*result)->GetFileSize({}, nullptr);
    const int file = disk->open(path, replace);
    *result = std::make_unique<WatchedFile>(*disk, file, path, size, std::move(*result));
    return status;
  }
};

/// RocksDB sleeps a second after a failure in the background. We wait for it when we close.
class ClockWithoutSleep final : public rocksdb::SystemClockWrapper {
 public:
  ClockWithoutSleep() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "ClockWithoutSleep"; }
  void SleepForMicroseconds(int /*micros*/) override { std::this_thread::yield(); }
};

class WatchedEnv final : public rocksdb::EnvWrapper {
 public:
  explicit WatchedEnv(const std::shared_ptr<rocksdb::Env>& files) : EnvWrapper(files) {
    file_system_ = files->GetFileSystem();
    system_clock_ = std::make_shared<ClockWithoutSleep>();
  }
  void SleepForMicroseconds(int micros) override { system_clock_->SleepForMicroseconds(micros); }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_watched_env() {
  return std::make_unique<WatchedEnv>(
      std::shared_ptr(rocksdb::NewCompositeEnv(std::make_shared<WatchedFiles>())));
}

}  // namespace msg::power
