// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <functional>
#include <tuple>

#include "conformance/contract.h"
#include "store/store.h"

// What every msg::Store does with rows: they come back as they went in, in order, and only whole
// commits are seen. The layer below the Messenger's contract, so that a fault names its place.

namespace msg::test::rows {

inline constexpr ConversationId kRoom{4'000};
inline constexpr ConversationId kNextRoom{4'001};
inline constexpr UserId kAda{11};
inline constexpr UserId kBob{12};
inline constexpr UserId kCem{13};

inline Time at(std::int64_t ms) {
  return Time{std::chrono::milliseconds{1'800'000'000'000 + ms}};
}
inline Version version(std::int64_t ms, std::int64_t counter = 0) {
  return Version{(at(ms).time_since_epoch().count() << 16) + counter};
}

// What is compared of the types that have no == of their own.
inline auto fields(const User& u) {
  return std::tie(u.id, u.phone, u.username, u.display_name, u.about, u.avatar, u.created_at,
                  u.updated_at);
}
inline auto fields(const Message& m) {
  return std::tie(m.id, m.sender, m.kind, m.content, m.reply_to, m.timestamp, m.client_id,
                  m.version, m.created_at, m.changed, m.edited_at, m.deleted, m.state, m.mentions,
                  m.forward, m.reactions, m.pin);
}
inline auto fields(const Session& s) {
  return std::tie(s.id, s.user, s.device_name, s.created_at);
}
inline auto fields(const ApiKey& k) {
  return std::tie(k.id, k.name, k.created_at, k.scopes);
}

template <class T, class Field>
std::vector<Field> each(const std::vector<T>& rows, Field T::* field) {
  std::vector<Field> values;
  values.reserve(rows.size());
  for (const T& row : rows) values.push_back(row.*field);
  return values;
}

inline User user(UserId id, const std::string& phone, std::optional<std::string> name = {}) {
  return {.id = id,
          .phone = phone,
          .username = std::move(name),
          .display_name = "Ada Ş. 🙂",
          .about = {},
          .avatar = "https://example.org/a.png",
          .created_at = at(1),
          .updated_at = at(2)};
}

inline ConversationRow group(ConversationId id) {
  ConversationRow row;
  row.id = id;
  row.kind = ConversationKind::group;
  row.title = "Ağaç 'quoted'";
  row.created_by = kAda;
  row.created_at = at(5);
  row.last_seq = Seq{7};
  row.activity = version(6);
  row.changes = version(7, 1);
  row.member_count = 3;
  row.owner_count = 1;
  row.version = version(7, 3);
  row.senders = {{kBob, 4}, {kAda, 3}};
  return row;
}

inline MemberRow member(ConversationId conversation, UserId id, Version changed) {
  MemberRow row;
  row.conversation = conversation;
  row.user = id;
  row.role = Role::owner;
  row.visible_from = Seq{1};
  row.joined_at = at(3);
  row.version = changed;
  return row;
}

inline Message message(ConversationId conversation, std::int64_t seq,
                       const std::string& client_id = {}) {
  Message made;
  made.id = {.conversation = conversation, .seq = Seq{seq}};
  made.sender = kAda;
  made.content = "message " + std::to_string(seq);
  made.client_id = client_id;
  made.version = version(seq * 10);
  made.created_at = time_of(made.version);
  return made;
}

inline TokenHash token(unsigned char fill) {
  TokenHash hash{};
  hash.fill(fill);
  hash.front() = 0;
  return hash;
}

/// Lives on rows alone, without a Messenger.
class RowContract : public testing::TestWithParam<Backend> {
 public:
  ~RowContract() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

 protected:
  RowContract() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-rows-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = path;
    reopen();
  }

  void reopen() {
    store_.reset();
    store_ = must(open_store(GetParam().url(directory_), {}));
  }
  std::unique_ptr<Snapshot> snapshot() { return must(store_->snapshot()); }

  /// One committed transaction.
  void write(const std::function<void(WriteTransaction&)>& puts) {
    auto transaction = must(store_->begin());
    puts(*transaction);
    last_ = Version{to_int(last_) + 1};
    must(transaction->commit(last_));
  }
  void append(const Message& sent) {
    write([&](WriteTransaction& t) { must(t.append_message(sent, {{}, sent.id.seq})); });
  }
  void append_many(ConversationId conversation, std::int64_t count) {
    write([&](WriteTransaction& t) {
      for (std::int64_t seq = 1; seq <= count; ++seq) {
        must(t.append_message(message(conversation, seq), {{}, Seq{seq}}));
      }
    });
  }

  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
  Version last_{version(1'000'000)};
};

}  // namespace msg::test::rows
