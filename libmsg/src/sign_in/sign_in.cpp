// SPDX-License-Identifier: Apache-2.0
// Codes that are asked for. Whether the number has an account is not looked at, and one that gets
// no code goes the same way: the state is written, and something is put into the queue.
#include "msg/sign_in.h"

#include <sodium.h>

#include <algorithm>

#include "core/phone.h"
#include "sign_in/sign_in_impl.h"

namespace msg {
namespace {

constexpr std::string_view kAll = "all";

std::unexpected<Error> refuse(std::string field, std::string detail) {
  return fail(Code::invalid_argument, std::move(detail), std::move(field));
}

std::unexpected<Error> too_many(Code code, std::string detail, std::chrono::milliseconds wait) {
  return std::unexpected(
      Error{.code = code, .detail = std::move(detail), .field = {}, .retry_after = wait});
}

Result<void> check(const SignInOptions& o) {
  using std::chrono::milliseconds;
  const bool good_times = o.code_lifetime > milliseconds(0) &&
                          o.code_lifetime <= std::chrono::minutes(10) &&
                          o.wait_first > milliseconds(0) && o.wait_max >= o.wait_first &&
                          o.send_interval >= milliseconds(0) && o.recycle_after > milliseconds(0);
  if (!good_times) return refuse("sign_in", "A time of sign-in is out of range.");
  const bool good_counts = o.failures_per_code > 0 && o.failures_per_day > 0 &&
                           o.sends_per_day > 0 && o.sends_per_day <= 100 && o.addresses_max > 0 &&
                           o.send_queue_max > 0 && o.send_threads > 0 && o.send_threads <= 64;
  if (!good_counts) return refuse("sign_in", "A limit of sign-in is out of range.");
  if (o.pin_passes < 1 || o.pin_memory_bytes < crypto_pwhash_MEMLIMIT_MIN) {
    return refuse("sign_in", "PINs are hashed with at least one pass and 8 KiB.");
  }
  return {};
}

Result<void> check_nonce(std::string_view nonce) {
  const auto is_printable = [](char c) { return c > ' ' && c < 0x7F; };
  if (nonce.size() >= 16 && nonce.size() <= 128 && std::ranges::all_of(nonce, is_printable)) {
    return {};
  }
  return refuse("device_nonce", "device_nonce has 16 to 128 printable ASCII characters.");
}

Result<void> check_country(std::string_view phone, const SignInOptions& options) {
  const auto country = country_code_of(phone);
  const auto serves = [&](const std::string& code) { return code == "*" || code == country; };
  if (std::ranges::any_of(options.countries, serves)) return {};
  return fail(Code::permission_denied, "Numbers of this country cannot sign in here.", "phone");
}

}  // namespace

Result<std::unique_ptr<SignIn>> SignIn::open(Messenger& messenger, SignInOptions options,
                                             CodeSender sender) {
  if (sodium_init() < 0) return fail(Code::unavailable, "libsodium does not start");
  MSG_CHECK(check(options));
  auto impl =
      std::make_unique<Impl>(MessengerInside::of(messenger), std::move(options), std::move(sender));
  return std::unique_ptr<SignIn>(new SignIn(std::move(impl)));
}

SignIn::SignIn(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SignIn::~SignIn() = default;

Result<CodeRequested> SignIn::request_code(const CodeRequest& request) {
  Impl& self = *impl_;
  MSG_TRY(const std::string phone, normalize_phone(request.phone));
  MSG_CHECK(check_nonce(request.device_nonce));
  MSG_CHECK(check_country(phone, self.options));
  const Time now = self.inside.options.clock();
  MSG_CHECK(self.admit(request.origin.empty() ? std::string() : network_of(request.origin), now));

  const RequestId id{.owner = self.keys.owner_of(phone), .number = make_request_number()};
  std::string code = make_code();
  const PendingCode pending{.request = id.number,
                            .hash = self.keys.hash_of(id.number, request.device_nonce, code),
                            .expires_at = now + self.options.code_lifetime};
  const auto lifetime = std::chrono::floor<std::chrono::seconds>(self.options.code_lifetime);
  CodeToSend message{.phone = phone, .code = std::move(code), .lifetime = lifetime};

  const bool reserved = self.reserve(phone, now);
  const SideOwner owner{.kind = SideKind::sign_in, .owner = id.owner};
  MSG_TRY(const bool sent, self.store_code(owner, phone, pending, reserved));
  const bool is_queued = self.queue.put(sent ? std::optional(std::move(message)) : std::nullopt);
  if (sent && is_queued) self.note_sent(phone, now);
  return CodeRequested{
      .request_id = to_text(id),
      .lifetime = lifetime,
      .resend_after = std::chrono::ceil<std::chrono::seconds>(self.options.send_interval)};
}

SignInCounters SignIn::counters() const {
  const std::scoped_lock lock(impl_->mutex);
  SignInCounters counted = impl_->counted;
  counted.send_failures = impl_->queue.failures();
  counted.conversion_percent =
      impl_->conversion.percent(impl_->inside.options.clock(), impl_->options.conversion_codes_min);
  counted.conversion_alarm = counted.conversion_percent &&
                             *counted.conversion_percent < impl_->options.conversion_percent_min;
  return counted;
}

/// What does not depend on the number.
Result<void> SignIn::Impl::admit(const std::string& network, Time now) {
  const std::scoped_lock lock(mutex);
  ++counted.requested;
  watch_conversion(now);
  if (!network.empty()) {
    if (!addresses.has(network, now)) {
      ++counted.refused_address;
      return too_many(Code::rate_limited, "Too many codes were asked for from this address.",
                      addresses.wait(network, now));
    }
    addresses.take(network, now);
  }
  if (all.has(std::string(kAll), now) && queue.has_room()) return {};
  ++counted.refused_overload;
  return too_many(Code::overloaded, "Codes cannot be sent now. Try again later.",
                  std::max(all.wait(std::string(kAll), now),
                           std::chrono::milliseconds(std::chrono::seconds(30))));
}

/// Whether the budgets that a number shares with others have room.
bool SignIn::Impl::reserve(const std::string& phone, Time now) {
  const std::scoped_lock lock(mutex);
  return prefixes.has(prefix_of(phone), now) &&
         countries.has(std::string(country_code_of(phone)), now) && all.has(std::string(kAll), now);
}

void SignIn::Impl::note_sent(const std::string& phone, Time now) {
  const std::scoped_lock lock(mutex);
  prefixes.take(prefix_of(phone), now);
  countries.take(std::string(country_code_of(phone)), now);
  all.take(std::string(kAll), now);
  conversion.add_sent(now);
  ++counted.sent;
}

/// True: the code is to be sent.
Result<bool> SignIn::Impl::store_code(const SideOwner& owner, const std::string& phone,
                                      const PendingCode& code, bool may_send) {
  const auto work = [&](Batch& batch) -> Result<bool> {
    const Time now = batch.now();
    MSG_TRY(const auto stored, batch.rows().find_side_record(owner.kind, owner.owner, phone));
    PhoneState state;
    if (stored) {
      MSG_TRY(state, decode_phone_state(stored->value));
    }
    forget_past(state, now);
    const bool sends = may_send && msg::may_send(state, now, options);
    if (sends) add_code(state, code, now);
    batch.next_version();
    MSG_CHECK(batch.rows().put_side_record({.kind = owner.kind,
                                            .owner = owner.owner,
                                            .key = phone,
                                            .value = encode_phone_state(state),
                                            .expires_at = end_of(state, now)}));
    return sends;
  };
  MSG_TRY(const bool sends, inside.committer.run<bool>(work, {.touch = Touch{.side = owner}}));
  if (!sends) {
    const std::scoped_lock lock(mutex);
    ++counted.withheld;
  }
  return sends;
}

/// The mutex is held.
void SignIn::Impl::watch_conversion(Time now) {
  const auto percent = conversion.percent(now, options.conversion_codes_min);
  if (!percent || *percent >= options.conversion_percent_min) {
    alarmed.reset();
  } else if (!alarmed || now - *alarmed >= std::chrono::hours(1)) {
    alarmed = now;
    log("sign-in: only " + std::to_string(*percent) +
        " of a hundred codes sent in the last hour were used; somebody may be pumping messages");
  }
}

void SignIn::Impl::log(const std::string& line) const {
  if (inside.options.log) inside.options.log(line);
}

}  // namespace msg
