// SPDX-License-Identifier: Apache-2.0
#include "msgctl/progress.h"

#include <algorithm>
#include <utility>

namespace msgctl {
namespace {

msg::Seq watermark(const msg::Member& member, msg::MessageState state) {
  return state == msg::MessageState::read ? member.read : member.delivered;
}

enum class Reach { nobody, missing, all };

/// Whether everybody else who may read `seq` has it in that state, or there is nobody.
Reach reach(msg::Seq seq, msg::MessageState state, msg::UserId me,
            const Progress::Members& members) {
  Reach found = Reach::nobody;
  for (const auto& [user, member] : members) {
    if (user == me || !member.active || member.visible_from > seq) continue;
    if (watermark(member, state) < seq) return Reach::missing;
    found = Reach::all;
  }
  return found;
}

}  // namespace

void Progress::add(OwnMessage message) {
  for (auto* track : {&delivered_, &read_}) {
    track->waiting.push_back(message);
    if (track->waiting.size() > kWaitingMax) track->waiting.pop_front();
  }
  newest_ = std::move(message);
}

std::optional<OwnMessage> Progress::advance(msg::MessageState state, msg::UserId me,
                                            const Members& members) {
  std::optional<OwnMessage> news;
  auto& [waiting, last] = track(state);
  while (!waiting.empty()) {
    const Reach found = reach(waiting.front().seq, state, me, members);
    if (found == Reach::missing) break;
    // Whoever joins later cannot read it, so what has no recipients now never has any.
    if (found == Reach::all) {
      last = std::max(last, waiting.front().seq);
      news = std::move(waiting.front());
    }
    waiting.pop_front();
  }
  return news;
}

msg::MessageState Progress::state_of_newest() const {
  if (!newest_) return msg::MessageState::sent;
  if (read_.reached >= newest_->seq) return msg::MessageState::read;
  if (delivered_.reached >= newest_->seq) return msg::MessageState::delivered;
  return msg::MessageState::sent;
}

Progress::Track& Progress::track(msg::MessageState state) {
  return state == msg::MessageState::read ? read_ : delivered_;
}

}  // namespace msgctl
