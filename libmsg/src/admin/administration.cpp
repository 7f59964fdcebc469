// SPDX-License-Identifier: Apache-2.0
#include "msg/administration.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "admin/audit_codec.h"
#include "core/limits.h"
#include "core/secrets.h"
#include "messenger/api_keys.h"
#include "messenger/impl.h"
#include "messenger/new_user.h"
#include "messenger/paging.h"
#include "messenger/sessions.h"
#include "notifications/alerts.h"

namespace msg {
namespace {

constexpr KeyScopes kAdmin{KeyScope::admin};
constexpr KeyScopes kAdminOrUser{KeyScope::admin, KeyScope::act_as_user};

std::string words_of(const ApiKey& key) {
  std::string words = key.name + ":";
  for (const KeyScope scope : kKeyScopes) {
    if (key.scopes.has(scope)) words += ' ' + std::string(to_string(scope));
  }
  return words;
}

/// The names of what is changed, not what it is changed to.
std::string words_of(const UserPatch& patch) {
  std::string words;
  const auto add = [&](bool is_changed, std::string_view name) {
    if (!is_changed) return;
    if (!words.empty()) words += ' ';
    words += name;
  };
  add(patch.phone.has_value(), "phone");
  add(patch.username.has_value(), "username");
  add(patch.display_name.has_value(), "display_name");
  add(patch.about.has_value(), "about");
  add(patch.avatar.has_value(), "avatar");
  add(patch.read_receipts.has_value(), "read_receipts");
  add(patch.presence_to.has_value(), "presence_to");
  return words;
}

}  // namespace

Result<void> Administration::require(KeyScopes enough) const {
  if (!by_.key || by_.key->scopes.has_any(enough)) return {};
  return fail(Code::permission_denied, "This needs a key with the scope admin.");
}

/// The work and its entry, which `describe` makes of what came of it.
template <class T, class Work, class Describe>
Result<T> Administration::commit(Work work, Describe describe) {
  MessengerInside::Impl& inside = MessengerInside::of(messenger_);
  return inside.committer.run<T>([&](Batch& batch) -> Result<T> {
    MSG_TRY(auto done, work(batch));
    AuditEntry entry = describe(done);
    const Version version = batch.next_version();
    entry.id = batch.next_id();
    entry.address = by_.address;
    if (by_.key) {
      if (by_.key->id != ApiKeyId{}) entry.by = by_.key->id;  // else it is not stored
      entry.by_name = by_.key->name;
    }
    const Time expires_at = time_of(version) + inside.options.audit_age_max;
    MSG_CHECK(batch.rows().put_side_record(record_of(entry, version, expires_at)));
    return done;
  });
}

Result<NewApiKey> Administration::create_key(std::string name, std::optional<KeyScopes> scopes) {
  MSG_CHECK(require(kAdmin));
  const KeyScopes own = by_.key ? by_.key->scopes : KeyScopes::all();
  const KeyScopes wanted = scopes.value_or(own);
  MSG_CHECK(check_key(name, wanted, MessengerInside::of(messenger_).options.limits));
  if (!own.has_all(wanted)) {
    return fail(Code::permission_denied, "A key cannot make one that may do more than itself.",
                "scopes");
  }
  NewApiKey made{.key = {}, .secret = make_token(kKeyPrefix)};
  const TokenHash hash = hash_token(made.secret);
  const auto describe = [](const ApiKey& key) {
    return AuditEntry{.act = AdminAct::key_created, .key = key.id, .detail = words_of(key)};
  };
  MSG_TRY(made.key,
          commit<ApiKey>([&](Batch& batch) { return insert_key(batch, name, wanted, hash); },
                         describe));
  return made;
}

Result<void> Administration::revoke_key(ApiKeyId id) {
  MSG_CHECK(require(kAdmin));
  const auto describe = [](const ApiKey& key) {
    return AuditEntry{.act = AdminAct::key_revoked, .key = key.id, .detail = words_of(key)};
  };
  MSG_CHECK(commit<ApiKey>([&](Batch& batch) { return erase_key(batch, id); }, describe));
  return {};
}

Result<User> Administration::register_user(const NewUser& given) {
  MSG_CHECK(require(kAdmin));
  MSG_TRY(const User wanted, user_of(given, MessengerInside::of(messenger_).options.limits));
  const auto describe = [](const User& user) {
    return AuditEntry{.act = AdminAct::user_created, .user = user.id};
  };
  return commit<User>([&](Batch& batch) { return insert_user(batch, wanted); }, describe);
}

Result<User> Administration::update_user(UserId id, const UserPatch& patch) {
  MSG_CHECK(require(kAdminOrUser));
  MessengerInside::Impl& inside = MessengerInside::of(messenger_);
  const auto describe = [&](const User& user) {
    return AuditEntry{.act = AdminAct::user_changed, .user = user.id, .detail = words_of(patch)};
  };
  return commit<User>(
      [&](Batch& batch) { return change_user(batch, id, patch, inside.options.limits); }, describe);
}

Result<NewSession> Administration::create_session(UserId user, std::string device_name) {
  MSG_CHECK(require(kAdmin));
  const Options& options = MessengerInside::of(messenger_).options;
  MSG_CHECK(check_label(device_name, "device_name", options.limits));
  NewSession made{.session = {}, .token = make_token(kSessionPrefix)};
  const TokenHash hash = hash_token(made.token);
  const auto describe = [](const Session& session) {
    return AuditEntry{
        .act = AdminAct::session_created, .user = session.user, .session = session.id};
  };
  MSG_TRY(made.session,
          commit<Session>(
              [&](Batch& batch) { return begin_session(batch, user, device_name, hash, options); },
              describe));
  return made;
}

Result<Session> Administration::rename_session(UserId user, SessionId id, std::string device_name) {
  MSG_CHECK(require(kAdminOrUser));
  MSG_CHECK(
      check_label(device_name, "device_name", MessengerInside::of(messenger_).options.limits));
  const auto describe = [](const Session& session) {
    return AuditEntry{
        .act = AdminAct::session_renamed, .user = session.user, .session = session.id};
  };
  return commit<Session>(
      [&](Batch& batch) { return msg::rename_session(batch, user, id, device_name); }, describe);
}

Result<void> Administration::revoke_session(UserId user, SessionId id) {
  MSG_CHECK(require(kAdminOrUser));
  const auto describe = [](const Session& session) {
    return AuditEntry{
        .act = AdminAct::session_revoked, .user = session.user, .session = session.id};
  };
  MSG_CHECK(commit<Session>([&](Batch& batch) { return end_session(batch, user, id); }, describe));
  return {};
}

Result<void> Administration::alert(std::span<const UserId> users, const std::string& text,
                                   std::chrono::seconds lifetime) {
  MSG_CHECK(require(kAdmin));
  MSG_CHECK(check_alert(users, text, lifetime));
  std::vector<UserId> once(users.begin(), users.end());
  std::ranges::sort(once);
  once.erase(std::ranges::unique(once).begin(), once.end());
  const auto describe = [](std::size_t count) {
    return AuditEntry{.act = AdminAct::alert_sent, .detail = "users: " + std::to_string(count)};
  };
  const auto work = [&](Batch& batch) -> Result<std::size_t> {
    MSG_CHECK(put_alerts(batch, once, text, lifetime));
    return once.size();
  };
  MSG_CHECK(commit<std::size_t>(work, describe));
  return {};
}

Result<Page<AuditEntry>> Administration::list_audit(const PageRequest& request) {
  MSG_CHECK(require(kAdmin));
  MessengerInside::Impl& inside = MessengerInside::of(messenger_);
  MSG_TRY(const int limit, page_size(request.limit, inside.options.limits));
  std::string after;
  if (!request.cursor.empty()) {
    std::array<std::int64_t, 2> place{};
    MSG_CHECK(inside.codec.decode(request.cursor, CursorKind::audit, place));
    after = audit_key(Version{place[0]}, place[1]);
  }
  MSG_TRY(const auto snapshot, inside.store->late_snapshot());
  MSG_TRY(auto records,
          snapshot->list_side_records(SideKind::audit, kAuditOwner, after, limit + 1));
  Page<AuditEntry> page;
  page.has_prev = !after.empty();
  page.has_more = std::cmp_greater(records.size(), limit);
  if (page.has_more) records.pop_back();
  const Time now = inside.options.clock();
  for (const SideRecord& record : records) {
    if (record.expires_at && *record.expires_at <= now) continue;
    MSG_TRY(auto entry, decode_audit(record));
    page.items.push_back(std::move(entry));
  }
  if (records.empty()) return page;
  MSG_TRY(const Version last, audit_version(records.back()));
  MSG_TRY(const AuditEntry oldest, decode_audit(records.back()));
  page.next = inside.codec.encode(CursorKind::audit, std::array{to_int(last), oldest.id});
  return page;
}

}  // namespace msg
