// SPDX-License-Identifier: Apache-2.0
#include "power/disk.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace msg::power {
namespace {

namespace fs = std::filesystem;

std::atomic<Disk*> mounted{nullptr};

}  // namespace

fs::path make_folder() {
  const char* memory = "/dev/shm";
  const fs::path home = ::access(memory, W_OK | X_OK) == 0 ? memory : fs::temp_directory_path();
  std::string path = (home / "msg-power-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  return fs::canonical(path);
}

void write_image(const Image& image, const fs::path& root) {
  for (const auto& [name, bytes] : image) {
    if (!bytes) {
      fs::create_directories(root / name);
      continue;
    }
    // A directory whose name was lost has lost all that is in it.
    if (fs::is_directory((root / name).parent_path())) {
      std::ofstream(root / name, std::ios::binary) << *bytes;
    }
  }
}

Disk::Disk() : root_(make_folder()) {
  mounted = this;
}

Disk::Disk(const Platter& left)
    : root_(make_folder()), names_(left.names()), next_file_(left.next_file()) {
  std::mt19937 unused;
  write_image(left.image(Cut::keep_all, unused), root_);
  mounted = this;
}

Disk::~Disk() {
  Disk* self = this;
  mounted.compare_exchange_strong(self, nullptr);
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

std::size_t Disk::position() const {
  const std::scoped_lock lock(mutex_);
  return steps_.size();
}

void Disk::fail(std::optional<Fault> fault) {
  const std::scoped_lock lock(mutex_);
  fault_ = fault;
}

void Disk::before_syncs(Hook hook) {
  const std::scoped_lock lock(hook_mutex_);
  hook_ = std::move(hook);
}

Disk* Disk::of(std::string_view path) {
  Disk* disk = mounted;
  return disk != nullptr && path.starts_with(disk->root_.native()) ? disk : nullptr;
}

int Disk::refuses(Step::Kind kind) {
  const std::scoped_lock lock(mutex_);
  if (!fault_ || fault_->kind != kind) return 0;
  if (fault_->nth > 0) --fault_->nth;
  if (fault_->nth > 0) return 0;
  const int error = fault_->error;
  if (!fault_->lasting) fault_.reset();
  if (!failed_at_) failed_at_ = steps_.size();
  return error;
}

int Disk::open(const std::string& path, bool replace) {
  const std::scoped_lock lock(mutex_);
  const std::string name = name_of(path);
  const auto known = names_.find(name);
  if (known != names_.end() && !replace) return known->second;
  const int file = next_file_++;
  names_[name] = file;
  note({.kind = Step::Kind::create, .file = file, .name = name});
  return file;
}

void Disk::write(int file, std::uint64_t offset, std::string_view bytes) {
  const std::scoped_lock lock(mutex_);
  note({.kind = Step::Kind::write, .file = file, .offset = offset, .bytes = std::string(bytes)});
}

void Disk::truncate(int file, std::uint64_t size) {
  const std::scoped_lock lock(mutex_);
  note({.kind = Step::Kind::truncate, .file = file, .offset = size});
}

bool Disk::sync(int file, const std::string& path) {
  {
    const std::scoped_lock lock(hook_mutex_);
    if (hook_) hook_(path);
  }
  const bool failed = refuses(Step::Kind::sync) != 0;
  const std::scoped_lock lock(mutex_);
  if (failed && failed_sync_.empty()) failed_sync_ = name_of(path);
  const bool forgotten = !forgotten_.empty() && path.ends_with(forgotten_);
  if (failed || !forgotten) {
    note({.kind = failed ? Step::Kind::failed_sync : Step::Kind::sync, .file = file});
  }
  return !failed;
}

bool Disk::sync_directory(const std::string& path) {
  if (refuses(Step::Kind::sync_directory) != 0) return false;
  const std::scoped_lock lock(mutex_);
  note({.kind = Step::Kind::sync_directory, .name = name_of(path)});
  return true;
}

void Disk::rename(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(mutex_);
  auto entry = names_.extract(name_of(from));
  if (!entry) return;  // a file that nobody told us of, as RocksDB's LOG
  names_[name_of(to)] = entry.mapped();
  note({.kind = Step::Kind::rename, .name = name_of(from), .to = name_of(to)});
}

void Disk::remove(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (names_.erase(name_of(path)) == 0) return;
  note({.kind = Step::Kind::remove, .name = name_of(path)});
}

void Disk::make_directory(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  note({.kind = Step::Kind::make_directory, .name = name_of(path)});
}

std::string Disk::name_of(std::string_view path) const {
  std::string_view name = path.substr(root_.native().size());
  while (name.starts_with('/')) name.remove_prefix(1);
  while (name.ends_with('/')) name.remove_suffix(1);
  return std::string(name);
}

void Disk::note(Step step) {
  steps_.push_back(std::move(step));
}

}  // namespace msg::power
