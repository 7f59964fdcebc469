// SPDX-License-Identifier: Apache-2.0
#include "support/backends.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

#include "support/citus.h"
#include "support/postgres_server.h"

namespace msg::test {
namespace {

/// A place per directory.
std::string place_of(const std::filesystem::path& directory) {
  std::string name = directory.filename().string();
  if (directory.has_parent_path()) name = directory.parent_path().filename().string() + "_" + name;
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

std::string postgres_url(const std::filesystem::path& directory) {
  return PostgresServer::shared().make_place(place_of(directory)) + "&msg_partitions=2";
}

std::string citus_url(const std::filesystem::path& directory) {
  return Citus::named_by_environment()->make_place(place_of(directory));
}

}  // namespace

std::vector<Backend> backends() {
  std::vector<Backend> all{
      {"memory", [](const std::filesystem::path&) -> std::string { return "memory:"; }, false},
      {"sqlite",
       [](const std::filesystem::path& directory) {
         return "sqlite:" + (directory / "chat.db").string();
       },
       true},
      {"rocksdb",
       [](const std::filesystem::path& directory) {
         return "rocksdb:" + (directory / "chat").string();
       },
       true},
  };
  if (PostgresServer::is_installed()) {
    all.push_back({.name = "postgres", .url = postgres_url, .durable = true, .shared = true});
  }
  if (Citus::named_by_environment()) {
    all.push_back(
        {.name = "citus", .url = citus_url, .durable = true, .shared = true, .is_one_view = false});
  }
  return all;
}

std::vector<Backend> durable_backends() {
  auto all = backends();
  std::erase_if(all, [](const Backend& backend) { return !backend.durable; });
  return all;
}

std::vector<Backend> file_backends() {
  auto durable = durable_backends();
  std::erase_if(durable, [](const Backend& backend) { return backend.shared; });
  return durable;
}

std::vector<Backend> shared_backends() {
  auto all = backends();
  std::erase_if(all, [](const Backend& backend) { return !backend.shared; });
  return all;
}

std::string print_backend(const testing::TestParamInfo<Backend>& info) {
  return info.param.name;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string path = (std::filesystem::temp_directory_path() / "msg-test-XXXXXX").string();
  if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp failed");
  path_ = path;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace msg::test
