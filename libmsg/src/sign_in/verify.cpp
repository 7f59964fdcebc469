// SPDX-License-Identifier: Apache-2.0
// What a right code is good for: a session, a new account, another number.
#include <algorithm>

#include "core/limits.h"
#include "core/secrets.h"
#include "messenger/new_user.h"
#include "messenger/sessions.h"
#include "sign_in/sign_in_impl.h"

namespace msg {
namespace {

using Verdict = Judgement::Verdict;

/// What the commit of a sign-in came to.
struct Entry {
  enum class Kind { refused, needs_pin, waits_for_pin, used_lately, check_pin, in };
  Kind kind{Kind::refused};
  Judgement judgement{};
  std::chrono::milliseconds wait{0};
  User user{};         ///< check_pin, in
  std::string hash{};  ///< Of the PIN that is to be checked.
  Session session{};   ///< in
  bool is_new_user{false};
};

std::unexpected<Error> wrong_pin(const char* detail) {
  return fail(Code::permission_denied, detail, "pin");
}

SideOwner pin_of(UserId user) {
  return {.kind = SideKind::pin, .owner = to_int(user)};
}

Result<std::optional<PinState>> find_pin(Batch& batch, UserId user) {
  MSG_CHECK(batch.rows().lock_side_records(pin_of(user)));
  MSG_TRY(const auto record, batch.rows().find_side_record(SideKind::pin, to_int(user), kPinKey));
  if (!record) return std::nullopt;
  MSG_TRY(PinState state, decode_pin(record->value));
  return state;
}

/// When the account was last used, as far as is known.
Result<Time> last_use(Batch& batch, const User& user) {
  MSG_TRY(const auto sessions, batch.rows().list_sessions(user.id));
  Time last = std::max(user.updated_at, user.last_seen.value_or(user.created_at));
  for (const Session& session : sessions) last = std::max(last, session.last_seen_at);
  return last;
}

/// One attempt, done in a commit and, where a PIN has to be hashed in between, in a second one.
class Attempt {
 public:
  Attempt(const SignInAttempt& given, const TokenHash& token, const Options& options,
          const SignInOptions& rules)
      : given_(given), token_(token), options_(options), rules_(rules) {}

  /// The code was right. `proven_pin` is the hash of the PIN that was found right since.
  Result<Entry> enter(Batch& batch, const std::string& phone,
                      const std::optional<std::string>& proven_pin) {
    MSG_TRY(const auto id, batch.rows().find_phone(phone));
    if (!id) return begin_account(batch, phone);
    MSG_CHECK(batch.rows().lock_user(*id));
    MSG_TRY(auto user, batch.rows().find_user(*id));
    if (!user) return fail(Code::corrupt, "a phone number leads to no user");
    MSG_TRY(auto pin, find_pin(batch, *id));
    if (!pin) return sign_in(batch, *std::move(user));
    if (given_.begin_new_account) return take_number(batch, *user);
    if (!given_.pin) return Entry{.kind = Entry::Kind::needs_pin};
    if (proven_pin == pin->hash) {
      pin->guesses = {};
      MSG_TRY(auto entry, sign_in(batch, *std::move(user)));
      MSG_CHECK(batch.rows().put_side_record(record_of(*id, *pin)));
      return entry;
    }
    return reserve_guess(batch, *std::move(user), *std::move(pin));
  }

 private:
  Result<Entry> begin_account(Batch& batch, const std::string& phone) {
    MSG_TRY(const User wanted, user_of({.phone = phone}, options_.limits));
    MSG_TRY(User user, insert_user(batch, wanted));
    MSG_TRY(Entry entry, sign_in(batch, std::move(user)));
    entry.is_new_user = true;
    return entry;
  }

  Result<Entry> sign_in(Batch& batch, User user) {
    Entry entry{.kind = Entry::Kind::in};
    MSG_TRY(entry.session, begin_session(batch, user.id, given_.device_name, token_, options_));
    entry.user = std::move(user);
    return entry;
  }

  /// The number goes to a new account; the old one keeps all the rest.
  Result<Entry> take_number(Batch& batch, const User& old) {
    MSG_TRY(const Time used, last_use(batch, old));
    const auto idle = batch.now() - used;
    if (idle < rules_.recycle_after) {
      return Entry{.kind = Entry::Kind::used_lately, .wait = rules_.recycle_after - idle};
    }
    User without = old;
    without.phone.clear();
    without.updated_at = time_of(batch.next_version());
    MSG_CHECK(batch.rows().put_user(without, &old));
    return begin_account(batch, old.phone);
  }

  /// Counted as wrong before it is looked at, so that many at once are no way around the limit.
  Result<Entry> reserve_guess(Batch& batch, User user, PinState pin) {
    const auto wait = wait_after(pin.guesses, batch.now(), rules_);
    if (wait.count() > 0) return Entry{.kind = Entry::Kind::waits_for_pin, .wait = wait};
    count_failure(pin.guesses, batch.now());
    batch.next_version();
    MSG_CHECK(batch.rows().put_side_record(record_of(user.id, pin)));
    return Entry{.kind = Entry::Kind::check_pin, .user = std::move(user), .hash = pin.hash};
  }

  const SignInAttempt& given_;
  const TokenHash& token_;
  const Options& options_;
  const SignInOptions& rules_;
};

}  // namespace

Result<SignedIn> SignIn::verify(const SignInAttempt& attempt) {
  Impl& self = *impl_;
  const Options& options = self.inside.options;
  MSG_CHECK(check_label(attempt.device_name, "device_name", options.limits));
  if (attempt.pin) MSG_CHECK(check_pin(*attempt.pin));
  MSG_TRY(const auto proof, self.read_proof(attempt.proof));
  MSG_CHECK(self.require_request(proof));
  std::string token = make_token(kSessionPrefix);
  const TokenHash hash = hash_token(token);
  std::optional<std::string> proven_pin;
  const auto work = [&](Batch& batch) -> Result<Entry> {
    MSG_TRY(auto looked, self.look(batch, proof));
    if (looked.judgement.verdict != Verdict::right) return Entry{.judgement = looked.judgement};
    MSG_TRY(
        auto entry,
        Attempt(attempt, hash, options, self.options).enter(batch, looked.found.phone, proven_pin));
    if (entry.kind == Entry::Kind::in) {
      settle(looked.found.state);
      MSG_CHECK(self.put_state(batch, proof, looked.found));
    }
    return entry;
  };
  const WorkHint hint{
      .touch = Touch{.side = SideOwner{.kind = SideKind::sign_in, .owner = proof.request.owner}}};
  MSG_TRY(auto entry, self.inside.committer.run<Entry>(work, hint));
  if (entry.kind == Entry::Kind::check_pin) {
    MSG_TRY(const bool right, self.pins.matches(entry.hash, *attempt.pin));
    if (!right) {
      const std::scoped_lock lock(self.mutex);
      ++self.counted.wrong_pins;
      return wrong_pin("This is not the PIN of the account.");
    }
    proven_pin = entry.hash;
    MSG_TRY(entry, self.inside.committer.run<Entry>(work, hint));
  }
  switch (entry.kind) {
    case Entry::Kind::refused:
      MSG_CHECK(self.refusal(entry.judgement));
      return wrong_code();
    case Entry::Kind::needs_pin:
      return wrong_pin("This account has a PIN: give it as well.");
    case Entry::Kind::waits_for_pin:
      return too_many_guesses(entry.wait);
    case Entry::Kind::check_pin:  // another one was set meanwhile
      return wrong_pin("This is not the PIN of the account any more.");
    case Entry::Kind::used_lately: {
      Error error{.code = Code::conflict,
                  .detail = "The account with this number was used lately.",
                  .field = "begin_new_account",
                  .retry_after = entry.wait};
      return std::unexpected(std::move(error));
    }
    case Entry::Kind::in:
      break;
  }
  {
    const std::scoped_lock lock(self.mutex);
    ++self.counted.verified;
    self.conversion.add_used(options.clock());
  }
  return SignedIn{.session = {.session = std::move(entry.session), .token = std::move(token)},
                  .user = std::move(entry.user),
                  .is_new_user = entry.is_new_user};
}

Result<PhoneChanged> SignIn::change_phone(const Session& own, const ProvenPhone& given) {
  Impl& self = *impl_;
  MSG_TRY(const auto proof, self.read_proof(given));
  MSG_CHECK(self.require_request(proof));
  struct Change {
    Judgement judgement{};
    bool is_taken{false};
    PhoneChanged changed{};
  };
  const auto work = [&](Batch& batch) -> Result<Change> {
    MSG_TRY(auto looked, self.look(batch, proof));
    Change change{.judgement = looked.judgement};
    if (looked.judgement.verdict != Verdict::right) return change;
    MSG_CHECK(batch.rows().lock_user(own.user));
    MSG_TRY(const auto stored, batch.rows().find_user(own.user));
    if (!stored) return fail(Code::not_found, "There is no such user.", "user_id");
    MSG_TRY(const auto owner, batch.rows().find_phone(looked.found.phone));
    change.is_taken = owner && *owner != own.user;
    if (change.is_taken) return change;
    User user = *stored;
    user.phone = looked.found.phone;
    user.updated_at = time_of(batch.next_version());
    MSG_CHECK(batch.rows().put_user(user, &*stored));
    MSG_TRY(change.changed.ended, end_sessions(batch, user.id, own.id));
    change.changed.user = std::move(user);
    settle(looked.found.state);
    MSG_CHECK(self.put_state(batch, proof, looked.found));
    return change;
  };
  MSG_TRY(auto change,
          self.inside.committer.run<Change>(
              work, {.touch = Touch{.side = SideOwner{.kind = SideKind::sign_in,
                                                      .owner = proof.request.owner}}}));
  MSG_CHECK(self.refusal(change.judgement));
  if (change.is_taken) {
    return fail(Code::conflict, "This phone number belongs to another user.", "phone");
  }
  {
    const std::scoped_lock lock(self.mutex);
    ++self.counted.verified;
    self.conversion.add_used(self.inside.options.clock());
  }
  return std::move(change.changed);
}

Result<void> SignIn::set_pin(UserId actor, std::string_view pin) {
  MSG_CHECK(check_pin(pin));
  PinState state;
  MSG_TRY(state.hash, impl_->pins.hash(pin));
  const auto work = [&](Batch& batch) -> Result<void> {
    MSG_TRY(const auto user, batch.rows().find_user(actor));
    if (!user) return fail(Code::not_found, "There is no such user.", "user_id");
    batch.next_version();
    return batch.rows().put_side_record(record_of(actor, state));
  };
  return impl_->inside.committer.run<void>(work, {.touch = Touch{.side = pin_of(actor)}});
}

Result<void> SignIn::remove_pin(UserId actor) {
  const auto work = [&](Batch& batch) -> Result<void> {
    batch.next_version();
    return batch.rows().erase_side_record(SideKind::pin, to_int(actor), kPinKey);
  };
  return impl_->inside.committer.run<void>(work, {.touch = Touch{.side = pin_of(actor)}});
}

}  // namespace msg
