// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "msg/sign_in.h"

/// What is stored of one phone number while somebody signs in with it, and the rules for it: pure
/// functions of a state and a moment.
namespace msg {

/// Wrong guesses within a day of the first of them.
struct Guesses {
  std::int64_t failures{0};
  Time since{};
  Time last{};
  bool operator==(const Guesses&) const = default;
};

using RequestNumber = std::array<unsigned char, 16>;
using CodeHash = std::array<unsigned char, 32>;

/// A code that was sent and may be shown.
struct PendingCode {
  RequestNumber request{};
  CodeHash hash{};  ///< Of request, nonce and code.
  Time expires_at{};
  std::int64_t failures{0};
  bool operator==(const PendingCode&) const = default;
};

struct PhoneState {
  std::vector<Time> sends{};  ///< Of the last day, ascending.
  Guesses guesses{};
  std::vector<PendingCode> pending{};
  bool operator==(const PhoneState&) const = default;
};

std::string encode_phone_state(const PhoneState& state);
Result<PhoneState> decode_phone_state(std::string_view bytes);
void put_guesses(std::string& out, const Guesses& guesses);

/// How long no guess is looked at; 0: it is.
std::chrono::milliseconds wait_after(const Guesses& guesses, Time now, const SignInOptions& rules);
void count_failure(Guesses& guesses, Time now);

/// Drops what the rules do not look at any more.
void forget_past(PhoneState& state, Time now);
/// When all of it may be forgotten.
Time end_of(const PhoneState& state, Time now);

bool may_send(const PhoneState& state, Time now, const SignInOptions& rules);
/// One that was sent now. Earlier ones stay good: a stranger who asks takes nobody's code away.
void add_code(PhoneState& state, PendingCode code, Time now);
bool has_request(const PhoneState& state, const RequestNumber& request);

struct Judgement {
  enum class Verdict { unknown, wait, wrong, right };
  Verdict verdict{Verdict::unknown};
  std::chrono::milliseconds wait{0};
};
/// Counts a wrong one. A right one is good until settle().
Judgement judge(PhoneState& state, const RequestNumber& request, const CodeHash& hash, Time now,
                const SignInOptions& rules);
/// The number is proven: no code is good any more, and nothing is held against it.
void settle(PhoneState& state);

}  // namespace msg
