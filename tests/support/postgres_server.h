// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

namespace msg::test {

/// A PostgreSQL server of our own: initdb into a temporary folder, a Unix socket there and no TCP.
/// It is gone with the process that started it, whatever end that takes. Where the tests run as
/// root, it runs as another user. fsync stays on.
class PostgresServer {
 public:
  /// Whether Debian's package, or any other found by its usual places, is there.
  static bool is_installed();
  /// The one of this process, started when first asked for.
  static PostgresServer& shared();

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// A URL of a place that is empty at first, and the same for the same name: a schema, because a
  /// database of its own costs each test half a second (a checkpoint when it goes).
  std::string make_place(const std::string& name);
  /// Of a whole database, the one with the places or another.
  std::string url(const std::string& database = "postgres") const;
  const std::filesystem::path& socket_directory() const { return directory_; }

  /// Runs SQL and returns the first field of its first row, or "".
  std::string query(const std::string& sql) const;

  void start();
  void start_if_stopped() {
    if (process_ <= 0) start();
  }
  enum class Stop { fast, crash };
  void stop(Stop how);

 private:
  std::filesystem::path directory_;
  pid_t process_{-1};
};

/// A session of somebody else with the server, to lock, to kill and to look.
class ForeignSession {
 public:
  explicit ForeignSession(const std::string& url);
  ~ForeignSession();
  ForeignSession(const ForeignSession&) = delete;
  ForeignSession& operator=(const ForeignSession&) = delete;
  /// The first field of the first row, or "". Throws what the server answers to a mistake.
  std::string query(const std::string& sql);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace msg::test
