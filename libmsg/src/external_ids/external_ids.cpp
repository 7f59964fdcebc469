// SPDX-License-Identifier: Apache-2.0
#include "msg/external_ids.h"

#include <algorithm>
#include <utility>

#include "core/limits.h"
#include "core/phone.h"
#include "core/secrets.h"
#include "core/text.h"
#include "external_ids/external_id_codec.h"
#include "messenger/impl.h"
#include "messenger/new_user.h"
#include "messenger/sessions.h"

namespace msg {
namespace {

/// More than any user has: one of each issuer that was ever configured.
constexpr int kIdsMax = 64;

Result<void> check_part(std::string_view text, const char* field) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (!text.empty() && text.size() <= kExternalIdBytesMax && count_code_points(text) &&
      std::ranges::none_of(text, is_control)) {
    return {};
  }
  return fail(Code::invalid_argument,
              std::string(field) + " is 1 to 255 bytes of UTF-8 without control characters.",
              field);
}

Result<void> check_id(const ExternalId& id) {
  MSG_CHECK(check_part(id.issuer, "issuer"));
  return check_part(id.subject, "subject");
}

/// What the user who is made for it begins with. Names and numbers that break a rule are left out.
User user_of(const ExternalPerson& person, const Limits& limits) {
  User user;
  if (person.display_name && check_display_name(*person.display_name, limits)) {
    user.display_name = *person.display_name;
  }
  if (person.phone) {
    if (auto phone = normalize_phone(*person.phone)) user.phone = *std::move(phone);
  }
  return user;
}

Result<std::optional<ExternalRow>> find_row(Snapshot& rows, const ExternalPlace& place) {
  MSG_TRY(const auto record, rows.find_side_record(SideKind::external_id, place.owner, place.key));
  if (!record) return std::nullopt;
  MSG_TRY(auto row, decode_external(record->value));
  return row;
}

/// One sign-in, within the commit that it is.
class Entry {
 public:
  Entry(Batch& batch, const ExternalPerson& person, const ExternalPlace& place)
      : batch_(batch), person_(person), place_(place) {}

  /// The user; `wanted` is what a new one begins with.
  Result<User> find_or_make(User wanted) {
    MSG_TRY(const auto row, find_row(batch_.rows(), place_));
    if (row) {
      MSG_TRY(auto known, batch_.rows().find_user(row->user));
      if (!known) return fail(Code::corrupt, "an external id leads to no user");
      return *std::move(known);
    }
    if (!wanted.phone.empty()) {
      MSG_TRY(auto has_it, find_owner(wanted.phone));
      if (has_it.may_be_taken) return link(*std::move(has_it.user));
      if (has_it.user) wanted.phone.clear();
    }
    return make(std::move(wanted));
  }

  bool is_new_user() const { return is_new_user_; }

 private:
  struct Owner {
    std::optional<User> user{};
    bool may_be_taken{false};
  };

  /// Who has the number. A number that changed hands must not hand an account over, so one that has
  /// a second secret, or is somebody else to the same issuer, stays whose it is.
  Result<Owner> find_owner(const std::string& phone) {
    MSG_TRY(const auto id, batch_.rows().find_phone(phone));
    if (!id) return Owner{};
    MSG_CHECK(batch_.rows().lock_user(*id));
    for (const SideKind kind : {SideKind::pin, SideKind::external_user}) {
      MSG_CHECK(batch_.rows().lock_side_records({.kind = kind, .owner = to_int(*id)}));
    }
    Owner owner;
    MSG_TRY(owner.user, batch_.rows().find_user(*id));
    if (!owner.user) return fail(Code::corrupt, "a phone number leads to no user");
    MSG_TRY(const auto pins, batch_.rows().list_side_records(SideKind::pin, to_int(*id), {}, 1));
    MSG_TRY(const auto other,
            batch_.rows().find_side_record(SideKind::external_user, to_int(*id), place_.issuer));
    owner.may_be_taken = pins.empty() && !other;
    return owner;
  }

  Result<User> link(User user) {
    const ExternalRow row{.user = user.id, .id = person_.id};
    batch_.next_version();
    MSG_CHECK(batch_.rows().put_side_record(record_of_id(row)));
    MSG_CHECK(batch_.rows().put_side_record(record_of_user(row)));
    return user;
  }

  Result<User> make(User wanted) {
    is_new_user_ = true;
    if (wanted.display_name.empty()) wanted.display_name = "User";
    MSG_TRY(User user, insert_user(batch_, std::move(wanted)));
    return link(std::move(user));
  }

  Batch& batch_;
  const ExternalPerson& person_;
  const ExternalPlace& place_;
  bool is_new_user_{false};
};

}  // namespace

Result<SignedIn> ExternalIds::sign_in(const ExternalPerson& person,
                                      const std::string& device_name) {
  MessengerInside::Impl& inside = MessengerInside::of(messenger_);
  MSG_CHECK(check_id(person.id));
  MSG_CHECK(check_label(device_name, "device_name", inside.options.limits));
  const ExternalPlace place = place_of(person.id);
  const User wanted = user_of(person, inside.options.limits);
  std::string token = make_token(kSessionPrefix);
  const TokenHash hash = hash_token(token);
  const auto work = [&](Batch& batch) -> Result<SignedIn> {
    Entry entry(batch, person, place);
    SignedIn in;
    MSG_TRY(in.user, entry.find_or_make(wanted));
    in.is_new_user = entry.is_new_user();
    MSG_TRY(in.session.session,
            begin_session(batch, in.user.id, device_name, hash, inside.options));
    return in;
  };
  const WorkHint hint{
      .touch = Touch{.side = SideOwner{.kind = SideKind::external_id, .owner = place.owner}}};
  MSG_TRY(auto in, inside.committer.run<SignedIn>(work, hint));
  in.session.token = std::move(token);
  return in;
}

Result<User> ExternalIds::load_user(const ExternalId& id) {
  MSG_CHECK(check_id(id));
  MSG_TRY(const auto snapshot, MessengerInside::of(messenger_).store->late_snapshot());
  MSG_TRY(const auto row, find_row(*snapshot, place_of(id)));
  if (row) {
    MSG_TRY(auto user, snapshot->find_user(row->user));
    if (user) return *std::move(user);
  }
  return fail(Code::not_found, "Nobody is known by this id.", "subject");
}

Result<std::vector<ExternalId>> ExternalIds::list_ids(UserId user) {
  MSG_TRY(const auto snapshot, MessengerInside::of(messenger_).store->late_snapshot());
  MSG_TRY(const auto records,
          snapshot->list_side_records(SideKind::external_user, to_int(user), {}, kIdsMax));
  std::vector<ExternalId> ids;
  for (const SideRecord& record : records) {
    MSG_TRY(auto row, decode_external(record.value));
    ids.push_back(std::move(row.id));
  }
  return ids;
}

}  // namespace msg
