// SPDX-License-Identifier: Apache-2.0
#include "sign_in/pins.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "core/text.h"
#include "core/varint.h"
#include "sign_in/guesses_codec.h"

// pin = format hash guesses      format: byte; hash: text; guesses: see phone_state.cpp

namespace msg {
namespace {

constexpr std::uint8_t kPinFormat = 1;
constexpr int kWorkingMax = 2;
constexpr int kWaitingMax = 32;

std::unexpected<Error> no_memory() {
  return fail(Code::unavailable, "there is no memory to hash a PIN with");
}

}  // namespace

SideRecord record_of(UserId user, const PinState& state) {
  SideRecord record{.kind = SideKind::pin, .owner = to_int(user), .key = std::string(kPinKey)};
  put_byte(record.value, kPinFormat);
  put_text(record.value, state.hash);
  put_guesses(record.value, state.guesses);
  return record;
}

Result<PinState> decode_pin(std::string_view value) {
  ByteReader reader(value);
  const bool is_known = reader.byte() == kPinFormat;
  PinState state;
  state.hash = std::string(reader.text());
  state.guesses = read_guesses(reader);
  if (is_known && reader.done()) return state;
  return fail(Code::corrupt, "what is stored of a PIN is malformed");
}

Result<void> check_pin(std::string_view pin) {
  const auto refuse = [](const char* why) { return fail(Code::invalid_argument, why, "pin"); };
  const auto count = count_code_points(pin);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (!count || std::ranges::any_of(pin, is_control)) {
    return refuse("A PIN is UTF-8 without control characters.");
  }
  if (*count < 4 || *count > 64) return refuse("A PIN has 4 to 64 characters.");
  return {};
}

PinHasher::Turn::~Turn() {
  if (hasher_ == nullptr) return;
  {
    const std::scoped_lock lock(hasher_->mutex_);
    --hasher_->working_;
  }
  hasher_->free_.notify_one();
}

Result<PinHasher::Turn> PinHasher::take_turn() {
  std::unique_lock lock(mutex_);
  if (working_ >= kWorkingMax && waiting_ >= kWaitingMax) {
    return std::unexpected(Error{.code = Code::overloaded,
                                 .detail = "Too many PINs are waiting. Try again shortly.",
                                 .retry_after = std::chrono::seconds(1)});
  }
  ++waiting_;
  free_.wait(lock, [this] { return working_ < kWorkingMax; });
  --waiting_;
  ++working_;
  return Turn(*this);
}

Result<std::string> PinHasher::hash(std::string_view pin) {
  MSG_TRY(const Turn turn, take_turn());
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), pin.data(), pin.size(), static_cast<unsigned>(passes_),
                        memory_) != 0) {
    return no_memory();
  }
  return std::string(text.data());
}

Result<bool> PinHasher::matches(const std::string& hash, std::string_view pin) {
  MSG_TRY(const Turn turn, take_turn());
  return crypto_pwhash_str_verify(hash.c_str(), pin.data(), pin.size()) == 0;
}

}  // namespace msg
