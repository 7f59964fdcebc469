// SPDX-License-Identifier: Apache-2.0
#include "dev_seed.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "http/json_read.h"
#include "http/json_write.h"
#include "ops/log.h"

namespace msgd {
namespace {

namespace json = boost::json;

constexpr std::array<DemoPerson, 3> kPeople{{{"alice", "+14155550101", "Alice"},
                                             {"bob", "+14155550102", "Bob"},
                                             {"carol", "+14155550103", "Carol"}}};

struct SeededUser {
  std::string username;
  msg::UserId id{};
  std::string token;
};

struct Seeded {
  std::string url;
  std::string key;
  std::vector<SeededUser> users;
};

/// What an earlier start left behind; an unreadable file counts as none.
json::object read_earlier(const std::filesystem::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto parsed = parse_object(text);
  return parsed ? std::move(*parsed) : json::object{};
}

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string{text->data(), text->size()} : std::string{};
}

const json::object* object_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

msg::Result<msg::User> find_or_register(msg::Messenger& messenger, const DemoPerson& person) {
  // By what stays theirs: a person who looks around may take another username.
  auto found = messenger.load_user_by_phone(person.phone);
  if (found || found.error().code != msg::Code::not_found) return found;
  return messenger.register_user({.phone = std::string{person.phone},
                                  .username = std::string{person.username},
                                  .display_name = std::string{person.display_name},
                                  .about = {},
                                  .avatar = {}});
}

msg::Result<std::string> token_of(msg::Messenger& messenger, msg::UserId user,
                                  std::string earlier) {
  const auto principal = messenger.authenticate(earlier);
  if (principal && principal->session && principal->session->user == user) return earlier;
  MSG_TRY(auto made, messenger.create_session(user, "dev"));
  return std::move(made.token);
}

msg::Result<std::string> key_of(msg::Messenger& messenger, std::string earlier) {
  const auto principal = messenger.authenticate(earlier);
  if (principal && principal->key) return earlier;
  MSG_TRY(auto made, messenger.create_api_key("dev"));
  return std::move(made.secret);
}

msg::Result<Seeded> seed(msg::Messenger& messenger, const json::object& earlier, std::string url) {
  Seeded seeded{.url = std::move(url), .key = {}, .users = {}};
  MSG_TRY(seeded.key, key_of(messenger, text_at(earlier, "key")));
  const auto* users = object_at(earlier, "users");
  for (const DemoPerson& person : kPeople) {
    const auto* known = users != nullptr ? object_at(*users, person.username) : nullptr;
    MSG_TRY(const auto user, find_or_register(messenger, person));
    MSG_TRY(auto token, token_of(messenger, user.id,
                                 known != nullptr ? text_at(*known, "token") : std::string{}));
    seeded.users.push_back(
        {.username = std::string{person.username}, .id = user.id, .token = std::move(token)});
  }
  return seeded;
}

std::string to_text(const Seeded& seeded) {
  std::string out;
  JsonObject(out)
      .text("url", seeded.url)
      .text("key", seeded.key)
      .value("users", [&](std::string& users) {
        JsonObject json(users);
        for (const auto& user : seeded.users) {
          json.value(user.username, [&](std::string& o) {
            JsonObject(o).id("id", user.id).text("token", user.token);
          });
        }
      });
  return out + '\n';
}

/// A new file takes the place of the old one, so that nobody reads half of it, and is never
/// readable by others.
msg::Result<void> write_private(const std::filesystem::path& file, const std::string& text) {
  auto beside = file;
  beside += ".new";
  std::error_code ec;
  std::filesystem::remove(beside, ec);
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool written = fd >= 0 && ::write(fd, text.data(), text.size()) == std::ssize(text);
  if (fd >= 0) written = ::close(fd) == 0 && written;
  if (written) std::filesystem::rename(beside, file, ec);
  if (!written || ec) {
    return msg::fail(msg::Code::unavailable, "Cannot write " + file.string() + ".");
  }
  return {};
}

void print(const Seeded& seeded, const std::filesystem::path& file, bool has_page) {
  const SeededUser& alice = seeded.users[0];
  const SeededUser& bob = seeded.users[1];
  std::string text = has_page ? fmt::format("\nOpen {} in a browser.\n\n", seeded.url)
                              : fmt::format("\nmsgd is listening on {}\n\n", seeded.url);
  for (const auto& user : seeded.users) {
    text += fmt::format("  {:<6} {}  {}\n", user.username, msg::to_int(user.id), user.token);
  }
  text += fmt::format("  {:<6} {:<{}}  {}\n\n", "key", "",
                      std::to_string(msg::to_int(alice.id)).size(), seeded.key);
  text += fmt::format("The same in {} for programs. Try:\n\n", file.string());
  text += fmt::format(
      "  curl {}/api/v1/messages -H 'Authorization: Bearer {}' \\\n"
      "       -H 'Content-Type: application/json' \\\n"
      "       -d '{{\"receiver_id\":\"{}\",\"content\":\"Hello Bob\"}}'\n\n",
      seeded.url, alice.token, msg::to_int(bob.id));
  text += "  msgctl chat --as alice bob\n\n";
  text += fmt::format(
      "  wscat -c ws{}/api/v1/ws -H 'Authorization: Bearer {}'\n"
      "  > {{\"id\":1,\"op\":\"hello\"}}\n\n",
      seeded.url.substr(4), bob.token);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

std::span<const DemoPerson> demo_people() {
  return kPeople;
}

msg::Result<void> seed_dev(msg::Messenger& messenger, const std::filesystem::path& folder,
                           const BoundAddress& bound, const DevLook& look) {
  const auto file = folder / "dev-tokens.json";
  const bool v6 = bound.address.find(':') != std::string::npos;
  auto url = fmt::format("{}://{}{}{}:{}", look.tls ? "https" : "http", v6 ? "[" : "",
                         bound.address, v6 ? "]" : "", bound.port);
  MSG_TRY(const auto seeded, seed(messenger, read_earlier(file), std::move(url)));
  MSG_CHECK(write_private(file, to_text(seeded)));
  print(seeded, file, look.page);
  log_info("dev.seeded", {{"file", file.string()}});
  return {};
}

}  // namespace msgd
