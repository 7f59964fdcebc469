// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace msg::bench {

/// A blocking connection to 127.0.0.1; what fails ends the program.
int connect_to(std::uint16_t port);
/// Sends all, waiting where it must.
void send_all(int descriptor, std::string_view bytes);

/// A client's end of one WebSocket, as cheap as it goes: it shares two cores with the server that
/// is measured. It trusts the server: frames are unmasked, whole, and not checked.
///
/// Thread safety: none, one thread.
class Link {
 public:
  /// Connects to 127.0.0.1 and upgrades at `target`; waits for both. What fails ends the program.
  Link(std::uint16_t port, const std::string& target);
  ~Link();
  Link(Link&& other) noexcept;
  Link& operator=(Link&& other) = delete;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }

  /// Queues a text frame.
  void queue(std::string_view text);
  /// Hands all that is queued to the kernel in one call.
  void flush();

  /// Reads once, without waiting, and calls `on_text` for each text frame that is complete. Pings
  /// are answered by the next flush(). False: nothing was there.
  template <class OnText>
  bool read(std::span<char> scratch, const OnText& on_text) {
    std::string_view bytes = receive(scratch);
    if (bytes.empty()) return false;
    for (Frame frame; take(bytes, frame);) {
      if (frame.opcode == kText) on_text(frame.payload);
      if (frame.opcode == kPing) queue_frame(kPong, frame.payload);
    }
    rest_.assign(bytes);
    return true;
  }

 private:
  static constexpr std::uint8_t kText = 1;
  static constexpr std::uint8_t kPing = 9;
  static constexpr std::uint8_t kPong = 10;
  struct Frame {
    std::uint8_t opcode;
    std::string_view payload;
  };

  void queue_frame(std::uint8_t opcode, std::string_view payload);
  std::string_view receive(std::span<char> scratch);
  static bool take(std::string_view& bytes, Frame& frame);

  int descriptor_;
  std::string out_;
  std::string rest_;  // of a frame that is not complete yet
};

}  // namespace msg::bench
