// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "live/ws_protocol.h"

namespace msgd {

/// What a session does next, from all that it was told. No input, no output, no clock, no thread:
/// the on_… calls say what has happened, next() what is to be done, one step after the other.
///
///   awaiting_hello --hello--> greeting --on_greeted()--> open
///         ^                      |
///         '--on_hello_refused()--'
///
/// Requests run here, or on a worker when they may block: one of those at a time, in the order of
/// their coming. A send that comes behind one that waits waits too, so sends keep their order; so
/// does everything while hello is looked at. At most kWaitingMax wait.
///
/// Every text leads to exactly one Answer or Run, unless the session is closed before.
///
/// Test: tests/unit/session_core_test.cpp plays every sequence up to a length. Thread safety: none.
class SessionCore {
 public:
  static constexpr std::size_t kWaitingMax = 64;

  /// A reply that says what is wrong.
  struct Answer {
    std::optional<std::int64_t> id;
    Problem problem;
  };
  /// Carry it out, and reply. On a worker: on_done() when it was, on_no_worker() when there is
  /// none; for hello on_greeted() or on_hello_refused() instead of on_done().
  struct Run {
    WsRequest request;
    bool on_worker{false};
  };
  struct Close {
    WsClose code{};
    std::string_view reason;  ///< Of static storage.
  };
  using Step = std::variant<Answer, Run, Close>;

  void on_text(std::string_view text);
  void on_done() { is_working_ = false; }
  void on_no_worker();
  void on_greeted();
  void on_hello_refused(const msg::Error& error);
  /// The time for hello is over. True: it is being looked at, and may yet be refused; ask again.
  bool on_hello_timeout();
  /// From here on every text is answered `unavailable`, with this delay.
  void on_shutdown(std::chrono::milliseconds reconnect_delay) { shutdown_ = reconnect_delay; }
  void on_closed();

  /// Nothing: nothing is to be done before something happens. While replies wait to be read
  /// (`has_backlog`) nothing that waits is begun.
  std::optional<Step> next(bool has_backlog);

  bool is_closed() const { return is_closed_; }

 private:
  void take(WsRequest request);
  Step run(WsRequest request);

  WsProtocol protocol_;
  // Lists: empty nearly always, and then they hold no memory.
  std::list<Step> steps_;  ///< To be done whatever waits.
  std::list<WsRequest> waiting_;
  std::int64_t working_id_{0};  ///< Of the latest that went to a worker.
  bool is_working_{false};      ///< A worker has a request of this session.
  bool is_closed_{false};
  std::optional<std::chrono::milliseconds> shutdown_;  ///< How long to stay away.
};

}  // namespace msgd
