// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/messenger.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

/// A code on its way to a telephone. It must not be logged.
struct CodeToSend {
  std::string phone{};  ///< E.164.
  std::string code{};   ///< Six digits.
  std::chrono::seconds lifetime{};
};

/// Delivers one code, or says why not. It may take seconds: SignIn calls it on threads of its own,
/// several at a time, and never while somebody waits for an answer.
using CodeSender = std::function<Result<void>(const CodeToSend&)>;

/// Each limit is of this process, but what concerns one number: that is stored.
struct SignInOptions {
  /// Country codes of the numbers that may sign in: "1", "90". "*" is any. Empty: none may.
  std::vector<std::string> countries{};

  std::chrono::milliseconds code_lifetime = std::chrono::minutes(5);  ///< At most ten minutes.
  int failures_per_code = 5;
  /// Wrong codes for a number within a day of the first one; a new code does not reset them, a
  /// right one does. Behind each further one is a wait: the first, twice as long, up to the last.
  int failures_per_day = 10;
  std::chrono::milliseconds wait_first = std::chrono::minutes(1);
  std::chrono::milliseconds wait_max = std::chrono::hours(1);

  std::chrono::milliseconds send_interval = std::chrono::minutes(1);  ///< Between two to a number.
  int sends_per_day = 5;                                              ///< To a number.
  // The hours below begin with the first that they count.
  int requests_per_address = 10;  ///< Of an IPv4 /24 or IPv6 /64, in an hour.
  int sends_per_prefix = 50;      ///< To numbers that differ in their last four digits, likewise.
  int sends_per_country = 1000;
  int sends_in_all = 5000;              ///< One more in that hour, and all are refused.
  std::size_t addresses_max = 1 << 16;  ///< Remembered; above it the oldest are forgotten.

  /// An alarm is given when less than so many of a hundred codes sent are used (the last hour, of
  /// at least so many codes): somebody pumps messages.
  int conversion_percent_min = 30;
  int conversion_codes_min = 50;

  std::size_t send_queue_max = 1024;  ///< Codes that wait for the sender. One more: overloaded.
  int send_threads = 4;

  /// An account with a PIN that was not used for so long may lose its number to who proves it.
  std::chrono::milliseconds recycle_after = std::chrono::days(7);
  /// Argon2id; two PINs at most are worked on at once.
  std::size_t pin_memory_bytes = std::size_t{32} << 20;
  int pin_passes = 3;
};

struct CodeRequest {
  std::string phone{};
  /// 16 to 128 printable ASCII characters that the device chose at random and keeps to itself.
  std::string device_nonce{};
  /// Address of who asks, "192.0.2.7" or "2001:db8::1". Empty: a program that answers for itself.
  std::string origin{};
};
struct CodeRequested {
  std::string request_id{};
  std::chrono::seconds lifetime{};
  std::chrono::seconds resend_after{};
};

/// The code that came, with what the request began with.
struct ProvenPhone {
  std::string request_id{};
  std::string device_nonce{};
  std::string code{};
};
struct SignInAttempt {
  ProvenPhone proof{};
  std::string device_name{};
  std::optional<std::string> pin{};
  /// Instead of signing in to an account whose PIN is not known, begin a new one.
  bool begin_new_account{false};
};
struct SignedIn {
  NewSession session{};
  User user{};
  bool is_new_user{false};
};
struct PhoneChanged {
  User user{};
  std::vector<SessionId> ended{};  ///< All others of the user.
};

/// What happened since it was opened, for an operator.
struct SignInCounters {
  std::int64_t requested{};         ///< Codes asked for.
  std::int64_t sent{};              ///< Given to the sender.
  std::int64_t send_failures{};     ///< The sender gave up.
  std::int64_t withheld{};          ///< For the sake of a number, a prefix or a country.
  std::int64_t refused_address{};   ///< By the limit of an address.
  std::int64_t refused_overload{};  ///< By the limit of all, or a full queue.
  std::int64_t verified{};          ///< Codes that were right.
  std::int64_t wrong_codes{};
  std::int64_t wrong_pins{};
  std::optional<int> conversion_percent{};  ///< Of the last hour; none: too few were sent.
  bool conversion_alarm{false};
};

/// Sign-in by phone number: a code is sent to it, and who shows the code is given a session.
///
/// No answer tells whether a number has an account, or whether a code was withheld. A code works
/// once, for the device that asked for it. Codes and PINs are stored as keyed hashes.
///
/// Thread safety: all calls from any thread; they wait for the store. The Messenger must outlive
/// it.
class SignIn {
 public:
  /// invalid_argument: options out of range.
  static Result<std::unique_ptr<SignIn>> open(Messenger& messenger, SignInOptions options,
                                              CodeSender sender);
  /// Codes that wait for the sender are dropped.
  ~SignIn();

  /// invalid_argument: no phone number, or no nonce. permission_denied: not of a country that is
  /// served. rate_limited: too many from this address. overloaded: too many in all.
  Result<CodeRequested> request_code(const CodeRequest& request);

  /// Signs in; makes the user when the number has none. permission_denied with field "code": wrong,
  /// expired, used, or not this device's; with field "pin": the account has one, and none was given
  /// or a wrong one. rate_limited: too many wrong ones; right ones are refused as well until then.
  /// conflict with field "begin_new_account": the account was used lately (retry_after).
  Result<SignedIn> verify(const SignInAttempt& attempt);

  /// Gives the user of `own` the number, and ends all other sessions. conflict: another has it.
  /// Else as verify().
  Result<PhoneChanged> change_phone(const Session& own, const ProvenPhone& proof);

  /// 4 to 64 characters. From now on signing in to this account needs it.
  Result<void> set_pin(UserId actor, std::string_view pin);
  Result<void> remove_pin(UserId actor);

  SignInCounters counters() const;

 private:
  struct Impl;
  explicit SignIn(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace msg
