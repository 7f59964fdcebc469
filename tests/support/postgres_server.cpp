// SPDX-License-Identifier: Apache-2.0
#include "support/postgres_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "support/child.h"

namespace msg::test {
namespace {

namespace fs = std::filesystem;

fs::path find_programs() {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    if (fs::exists(version.path() / "bin/initdb")) found.push_back(version.path() / "bin");
  }
  for (const char* other : {"/usr/local/pgsql/bin", "/usr/bin"}) {
    if (found.empty() && fs::exists(fs::path(other) / "initdb")) found.emplace_back(other);
  }
  return found.empty() ? fs::path() : *std::ranges::max_element(found);
}

/// The user to run as; null when we are not root and run as ourselves.
const passwd* other_user() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

void run(const std::vector<std::string>& command, const fs::path& log) {
  int status = 0;
  if (waitpid(start_child(command, log, SIGKILL, other_user()), &status, 0) < 0 || status != 0) {
    throw std::runtime_error(command[0] + " failed, see " + log.string());
  }
}

}  // namespace

struct ForeignSession::Impl {
  PGconn* connection;
};

ForeignSession::ForeignSession(const std::string& url)
    : impl_(std::make_unique<Impl>(Impl{PQconnectdb(url.c_str())})) {
  if (PQstatus(impl_->connection) != CONNECTION_OK) {
    const std::string why = PQerrorMessage(impl_->connection);
    PQfinish(impl_->connection);
    throw std::runtime_error(why);
  }
  PQsetNoticeProcessor(impl_->connection, [](void*, const char*) {}, nullptr);
}

ForeignSession::~ForeignSession() {
  PQfinish(impl_->connection);
}

std::string ForeignSession::query(const std::string& sql) {
  PGresult* result = PQexec(impl_->connection, sql.c_str());
  const auto status = PQresultStatus(result);
  std::string field;
  if (status == PGRES_TUPLES_OK && PQntuples(result) > 0) field = PQgetvalue(result, 0, 0);
  PQclear(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(impl_->connection));
  }
  return field;
}

bool PostgresServer::is_installed() {
  static const bool installed = !find_programs().empty();
  return installed;
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  std::string path = (fs::temp_directory_path() / "msg-postgres-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  directory_ = path;
  if (const passwd* user = other_user()) {
    if (chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("chown failed");
    }
  }
  run({find_programs() / "initdb", "--pgdata=" + (directory_ / "data").string(),
       "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"},
      directory_ / "initdb.log");
  start();
}

PostgresServer::~PostgresServer() {
  stop(Stop::crash);  // nothing of it is needed any more
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void PostgresServer::start() {
  // The limit on connections is for the tests that open many stores.
  process_ = start_child(
      {find_programs() / "postgres", "-D", directory_ / "data", "-k", directory_, "-h", "", "-c",
       "max_connections=200", "-c", "shared_buffers=64MB", "-c", "max_prepared_transactions=4"},
      directory_ / "server.log", SIGQUIT, other_user());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (PQping(url().c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > deadline || waitpid(process_, nullptr, WNOHANG) != 0) {
      throw std::runtime_error("PostgreSQL did not start, see " + directory_.string());
    }
    // Between two questions, not in the place of one.
    const timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
    nanosleep(&pause, nullptr);
  }
}

void PostgresServer::stop(Stop how) {
  if (process_ <= 0) return;
  kill(process_, how == Stop::fast ? SIGINT : SIGQUIT);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql:///" + database + "?user=postgres&host=" + directory_.string();
}

std::string PostgresServer::make_place(const std::string& name) {
  query("CREATE SCHEMA IF NOT EXISTS \"" + name + "\"");
  return url() + "&options=-csearch_path%3D" + name;
}

std::string PostgresServer::query(const std::string& sql) const {
  return ForeignSession(url()).query(sql);
}

}  // namespace msg::test
