// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "sign_in/phone_state.h"
#include "store/side_record.h"

namespace msg {

/// What is stored of a user's PIN.
struct PinState {
  std::string hash{};  ///< Argon2id, as libsodium writes it.
  Guesses guesses{};
};
inline constexpr std::string_view kPinKey = "pin";
SideRecord record_of(UserId user, const PinState& state);
Result<PinState> decode_pin(std::string_view value);

/// 4 to 64 characters of UTF-8, none of them a control character.
Result<void> check_pin(std::string_view pin);

/// Hashes PINs, slowly and with much memory, which is what makes a short secret hard to guess: two
/// at a time, while a few wait. More are overloaded.
///
/// Thread safety: all calls from any thread.
class PinHasher {
 public:
  explicit PinHasher(const SignInOptions& options)
      : memory_(options.pin_memory_bytes), passes_(options.pin_passes) {}

  Result<std::string> hash(std::string_view pin);
  Result<bool> matches(const std::string& hash, std::string_view pin);

 private:
  /// The right to work; given back when it ends.
  class Turn {
   public:
    explicit Turn(PinHasher& hasher) : hasher_(&hasher) {}
    Turn(Turn&& other) noexcept : hasher_(std::exchange(other.hasher_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    PinHasher* hasher_;
  };
  Result<Turn> take_turn();

  const std::size_t memory_;
  const int passes_;
  std::mutex mutex_;
  std::condition_variable free_;
  int working_{0};
  int waiting_{0};
};

}  // namespace msg
