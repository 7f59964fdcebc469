// SPDX-License-Identifier: Apache-2.0
#include "ops/revocations.h"

#include <charconv>
#include <utility>

namespace msgd {
namespace {

constexpr std::string_view kChannel = "revoked";

}  // namespace

Revocations::Revocations(std::shared_ptr<msg::Bus> bus, Services& services,
                         SessionHandler on_session, KeyHandler on_key)
    : bus_(std::move(bus)),
      services_(services),
      on_session_(std::move(on_session)),
      on_key_(std::move(on_key)) {
  if (bus_) bus_->listen(kChannel, [this](std::string_view payload) { take(payload); });
}

Revocations::~Revocations() {
  if (bus_) bus_->stop_listening(kChannel);
}

void Revocations::tell(msg::SessionId session) {
  if (bus_) bus_->publish(kChannel, 's' + std::to_string(msg::to_int(session)));
}

void Revocations::tell(msg::ApiKeyId key) {
  if (bus_) bus_->publish(kChannel, 'k' + std::to_string(msg::to_int(key)));
}

/// Where no worker is free the next look at all tokens comes soon enough.
void Revocations::take(std::string_view payload) {
  std::int64_t id = 0;
  if (payload.empty()) return;
  const char* const end = payload.data() + payload.size();
  const auto [last, error] = std::from_chars(payload.data() + 1, end, id);
  if (error != std::errc{} || last != end) return;
  const auto work = [this, is_session = payload.front() == 's', id] {
    is_session ? on_session_(msg::SessionId{id}) : on_key_(msg::ApiKeyId{id});
  };
  services_.offload(work, Urgency::normal);
}

}  // namespace msgd
