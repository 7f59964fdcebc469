// SPDX-License-Identifier: Apache-2.0
#include "power/sqlite_vfs.h"

#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <new>
#include <string>

#include "power/disk.h"

namespace msg::power {
namespace {

/// SQLite allots it; the system's own file lies right behind it.
struct WatchedFile : sqlite3_file {
  Disk* disk;
  int file;
  /// As in SQLite's os_unix.c: the first sync of a journal or log that this handle may have made
  /// syncs the directory as well.
  bool sync_directory;
  std::string* path;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WatchedFile& watched(sqlite3_file* file) {
  return *static_cast<WatchedFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return watched(file).real();
}

sqlite3_vfs* system_vfs = nullptr;

int close(sqlite3_file* file) {
  WatchedFile& self = watched(file);
  delete self.path;
  return self.real()->pMethods->xClose(self.real());
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  WatchedFile& self = watched(file);
  const int error = self.disk->refuses(Step::Kind::write);
  const int taken = error == 0 ? size : size / 2;
  const int result = self.real()->pMethods->xWrite(self.real(), bytes, taken, offset);
  if (result == SQLITE_OK) {
    self.disk->write(self.file, static_cast<std::uint64_t>(offset),
                     {static_cast<const char*>(bytes), static_cast<std::size_t>(taken)});
  }
  if (error == 0) return result;
  return error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  WatchedFile& self = watched(file);
  const int result = self.real()->pMethods->xTruncate(self.real(), size);
  if (result == SQLITE_OK) self.disk->truncate(self.file, static_cast<std::uint64_t>(size));
  return result;
}

int sync(sqlite3_file* file, int /*flags*/) {
  WatchedFile& self = watched(file);
  if (!self.disk->sync(self.file, *self.path)) return SQLITE_IOERR_FSYNC;
  if (self.sync_directory) {
    self.sync_directory = false;
    const std::string parent = std::filesystem::path(*self.path).parent_path().string();
    if (!self.disk->sync_directory(parent)) return SQLITE_IOERR_DIR_FSYNC;
  }
  return SQLITE_OK;  // The files are there for the length of a test.
}

// Version 2: without xFetch, as the library maps no files.
const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = [](sqlite3_file* f, void* to, int size,
                sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, size, at); },
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xLock(real(f), lock); },
    .xUnlock = [](sqlite3_file* f, int lock) { return real(f)->pMethods->xUnlock(real(f), lock); },
    .xCheckReservedLock =
        [](sqlite3_file* f, int* held) {
          return real(f)->pMethods->xCheckReservedLock(real(f), held);
        },
    .xFileControl = [](sqlite3_file* f, int what,
                       void* with) { return real(f)->pMethods->xFileControl(real(f), what, with); },
    .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend, void volatile** to) {
          return real(f)->pMethods->xShmMap(real(f), page, size, extend, to);
        },
    .xShmLock = [](sqlite3_file* f, int at, int n,
                   int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f,
                    int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  Disk* const disk = name != nullptr ? Disk::of(name) : nullptr;
  const bool is_new =
      disk != nullptr && (flags & SQLITE_OPEN_CREATE) != 0 && !std::filesystem::exists(name);
  if (is_new && disk->refuses(Step::Kind::create) != 0) return SQLITE_CANTOPEN;
  if (disk == nullptr) return system_vfs->xOpen(system_vfs, name, file, flags, flags_out);
  auto* const self = new (file) WatchedFile{};
  const int result = system_vfs->xOpen(system_vfs, name, self->real(), flags, flags_out);
  if (result != SQLITE_OK) return result;
  constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  self->pMethods = &kMethods;
  self->disk = disk;
  self->file = disk->open(name);
  self->sync_directory = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & kJournals) != 0;
  self->path = new std::string(name);
  return SQLITE_OK;
}

int remove(sqlite3_vfs* /*vfs*/, const char* name, int sync_directory) {
  const int result = system_vfs->xDelete(system_vfs, name, 0);
  Disk* const disk = Disk::of(name);
  if (result != SQLITE_OK || disk == nullptr) return result;
  disk->remove(name);
  if (sync_directory == 0) return SQLITE_OK;
  const std::string parent = std::filesystem::path(name).parent_path().string();
  return disk->sync_directory(parent) ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

}  // namespace

void watch_sqlite() {
  if (system_vfs != nullptr) return;
  system_vfs = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs vfs = *system_vfs;  // what is not changed below is the system's
  vfs.pNext = nullptr;
  vfs.zName = "watched";
  vfs.szOsFile = static_cast<int>(sizeof(WatchedFile)) + system_vfs->szOsFile;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  sqlite3_vfs_register(&vfs, 1);
}

}  // namespace msg::power
