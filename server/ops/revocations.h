// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "msg/bus.h"
#include "msg/types.h"
#include "ops/services.h"

namespace msgd {

/// Tells the other servers on the store which sessions and keys have been revoked here, so that
/// they end the connections at once and not at their next look. Who is told does not believe it,
/// but looks into the store.
///
/// Thread safety: all calls from any thread.
class Revocations {
 public:
  using SessionHandler = std::function<void(msg::SessionId)>;
  using KeyHandler = std::function<void(msg::ApiKeyId)>;

  /// Without a bus it does nothing. The handlers, which may block, run on a worker.
  Revocations(std::shared_ptr<msg::Bus> bus, Services& services, SessionHandler on_session,
              KeyHandler on_key);
  ~Revocations();
  Revocations(const Revocations&) = delete;
  Revocations& operator=(const Revocations&) = delete;

  void tell(msg::SessionId session);
  void tell(msg::ApiKeyId key);

 private:
  void take(std::string_view payload);

  const std::shared_ptr<msg::Bus> bus_;
  Services& services_;
  const SessionHandler on_session_;
  const KeyHandler on_key_;
};

}  // namespace msgd
