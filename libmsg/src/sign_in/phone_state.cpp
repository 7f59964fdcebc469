// SPDX-License-Identifier: Apache-2.0
#include "sign_in/phone_state.h"

#include <sodium.h>

#include <algorithm>

#include "core/varint.h"
#include "sign_in/guesses_codec.h"

// state   = format sends guesses pending          format: byte
// sends   = count time*
// pending = count (request hash time failures)*   request: 16 bytes, hash: 32 bytes
// guesses = failures since last                   ints
// time    = int, milliseconds since 1970; int = zigzag varint; count = varint

namespace msg {
namespace {

constexpr std::uint8_t kPhoneStateFormat = 1;
constexpr std::chrono::hours kDay{24};

void put_time(std::string& out, Time time) {
  put_zigzag(out, time.time_since_epoch().count());
}

Time read_instant(ByteReader& reader) {
  return Time{std::chrono::milliseconds{reader.zigzag()}};
}

template <std::size_t size>
void put_raw(std::string& out, const std::array<unsigned char, size>& bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

template <std::size_t size>
void read_raw(ByteReader& reader, std::array<unsigned char, size>& bytes) {
  std::ranges::copy(reader.raw(size), bytes.begin());
}

/// A clock that went back must not make a wait longer than it is.
std::chrono::milliseconds passed(Time since, Time now) {
  return std::max(now - since, std::chrono::milliseconds(0));
}

}  // namespace

void put_guesses(std::string& out, const Guesses& guesses) {
  put_zigzag(out, guesses.failures);
  put_time(out, guesses.since);
  put_time(out, guesses.last);
}

Guesses read_guesses(ByteReader& reader) {
  Guesses guesses;
  guesses.failures = reader.zigzag();
  guesses.since = read_instant(reader);
  guesses.last = read_instant(reader);
  return guesses;
}

std::string encode_phone_state(const PhoneState& state) {
  std::string bytes;
  put_byte(bytes, kPhoneStateFormat);
  put_varint(bytes, state.sends.size());
  for (const Time time : state.sends) put_time(bytes, time);
  put_guesses(bytes, state.guesses);
  put_varint(bytes, state.pending.size());
  for (const PendingCode& code : state.pending) {
    put_raw(bytes, code.request);
    put_raw(bytes, code.hash);
    put_time(bytes, code.expires_at);
    put_zigzag(bytes, code.failures);
  }
  return bytes;
}

Result<PhoneState> decode_phone_state(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool is_known = reader.byte() == kPhoneStateFormat;
  PhoneState state;
  for (auto left = reader.varint(); left > 0 && reader.ok(); --left) {
    state.sends.push_back(read_instant(reader));
  }
  state.guesses = read_guesses(reader);
  for (auto left = reader.varint(); left > 0 && reader.ok(); --left) {
    PendingCode& code = state.pending.emplace_back();
    read_raw(reader, code.request);
    read_raw(reader, code.hash);
    code.expires_at = read_instant(reader);
    code.failures = reader.zigzag();
  }
  if (is_known && reader.done()) return state;
  return fail(Code::corrupt, "what is stored of a phone number is malformed");
}

std::chrono::milliseconds wait_after(const Guesses& guesses, Time now, const SignInOptions& rules) {
  if (guesses.failures < rules.failures_per_day || passed(guesses.since, now) >= kDay) {
    return std::chrono::milliseconds(0);
  }
  std::chrono::milliseconds wait = rules.wait_first;
  for (auto more = guesses.failures - rules.failures_per_day; more > 0 && wait < rules.wait_max;
       --more) {
    wait *= 2;
  }
  wait = std::min(wait, rules.wait_max);
  return std::max(wait - passed(guesses.last, now), std::chrono::milliseconds(0));
}

void count_failure(Guesses& guesses, Time now) {
  if (guesses.failures == 0 || passed(guesses.since, now) >= kDay) {
    guesses = {.failures = 0, .since = now, .last = now};
  }
  ++guesses.failures;
  guesses.last = now;
}

void forget_past(PhoneState& state, Time now) {
  std::erase_if(state.sends, [&](Time sent) { return passed(sent, now) >= kDay; });
  std::erase_if(state.pending, [&](const PendingCode& code) { return code.expires_at <= now; });
  if (passed(state.guesses.since, now) >= kDay) state.guesses = {};
}

Time end_of(const PhoneState& state, Time now) {
  Time end = now;
  if (!state.sends.empty()) end = std::max(end, state.sends.back() + kDay);
  if (state.guesses.failures > 0) end = std::max(end, state.guesses.since + kDay);
  return end;  // codes live shorter than a day
}

bool may_send(const PhoneState& state, Time now, const SignInOptions& rules) {
  const auto today =
      std::ranges::count_if(state.sends, [&](Time sent) { return passed(sent, now) < kDay; });
  if (today >= rules.sends_per_day) return false;
  return state.sends.empty() || passed(state.sends.back(), now) >= rules.send_interval;
}

void add_code(PhoneState& state, PendingCode code, Time now) {
  state.sends.push_back(now);
  state.pending.push_back(code);
}

bool has_request(const PhoneState& state, const RequestNumber& request) {
  return std::ranges::find(state.pending, request, &PendingCode::request) != state.pending.end();
}

Judgement judge(PhoneState& state, const RequestNumber& request, const CodeHash& hash, Time now,
                const SignInOptions& rules) {
  using Verdict = Judgement::Verdict;
  const auto wait = wait_after(state.guesses, now, rules);
  if (wait.count() > 0) return {.verdict = Verdict::wait, .wait = wait};
  const auto code = std::ranges::find(state.pending, request, &PendingCode::request);
  if (code == state.pending.end() || code->expires_at <= now) return {.verdict = Verdict::unknown};
  if (sodium_memcmp(code->hash.data(), hash.data(), hash.size()) == 0)
    return {.verdict = Verdict::right};
  count_failure(state.guesses, now);
  if (++code->failures >= rules.failures_per_code) state.pending.erase(code);
  return {.verdict = Verdict::wrong};
}

void settle(PhoneState& state) {
  state.pending.clear();
  state.guesses = {};
}

}  // namespace msg
