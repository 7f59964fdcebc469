// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat_model.h"

#include <algorithm>
#include <utility>

namespace msgctl {
namespace {

using std::chrono::milliseconds;

/// Half of what the server takes before it closes the connection, and short bursts above it.
constexpr milliseconds kAskInterval{20};
constexpr milliseconds kAskBurst{400};

constexpr milliseconds kTypingInterval{3000};
constexpr milliseconds kRetryMin{200};

/// Of its content; reactions and pins are not shown.
bool is_content_change(const msg::Message& message) {
  return message.deleted ||
         (message.edited_at && message.changed && *message.edited_at == time_of(*message.changed));
}

msg::Seq next(msg::Seq seq) {
  return msg::Seq{msg::to_int(seq) + 1};
}

}  // namespace

// The connection ---------------------------------------------------------------------------------

void ChatModel::opened(const std::vector<msg::Member>& members, std::vector<msg::Message> page,
                       msg::Seq before, Moment now) {
  for (const auto& member : members) {
    auto& known = members_[member.user];
    if (known.version <= member.version) known = member;
  }
  if (const auto self = members_.find(me_); self != members_.end()) {
    delivered_.confirmed = self->second.delivered;
    read_.confirmed = self->second.read;
  }
  shown_ = before;
  for (auto& message : page) {
    if (message.id.seq > shown_) show(std::move(message));
  }
  // The page tells the state of its messages itself.
  progress_.advance(msg::MessageState::read, me_, members_);
  progress_.advance(msg::MessageState::delivered, me_, members_);
  opened_ = true;
  drain();
  report_progress();
  pump(now);
}

void ChatModel::online(Moment now) {
  online_ = true;
  pump(now);
}

void ChatModel::offline(Moment now) {
  online_ = false;
  marking_ = fetching_ = wants_typing_ = false;
  outbox_.again();
  for (auto& [user, expires] : typing_) expires = now;
  tick(now);
}

// Events -----------------------------------------------------------------------------------------

void ChatModel::message(msg::Message message, Moment now) {
  const auto seq = message.id.seq;
  if (message.sender == me_) {
    outbox_.settle(message.client_id);
  } else {
    delivered_.wanted = std::max(delivered_.wanted, seq);
  }
  if (typing_.erase(message.sender) > 0) report_typing();
  if (opened_ && seq <= shown_) {
    changed(std::move(message));
  } else {
    hold(std::move(message));
  }
  if (opened_) drain();
  report_progress();
  pump(now);
}

/// Of one that was not shown yet the newest that is known is kept, and shown when its turn comes.
void ChatModel::changed(msg::Message message) {
  if (!message.changed) return;
  const auto seq = message.id.seq;
  if (!opened_ || seq > shown_) return hold(std::move(message));
  if (oldest_ && seq >= *oldest_ && is_content_change(message))
    shows_.emplace_back(ShowChange{.message = std::move(message)});
}

void ChatModel::member(const msg::Member& member, Moment now) {
  auto [at, is_new] = members_.try_emplace(member.user);
  auto& known = at->second;
  if (!is_new && known.version > member.version) return;
  const bool was_active = !is_new && known.active;
  known = member;
  if (member.user == me_) {
    delivered_.confirmed = std::max(delivered_.confirmed, member.delivered);
    read_.confirmed = std::max(read_.confirmed, member.read);
  }
  if (opened_ && was_active != member.active) {
    shows_.emplace_back(ShowMember{.user = member.user, .joined = member.active});
  }
  report_progress();
  pump(now);
}

void ChatModel::typing(msg::UserId user, milliseconds expires_in, Moment now) {
  if (user == me_) return;
  const bool is_new = typing_.insert_or_assign(user, now + expires_in).second;
  if (is_new) report_typing();
}

// Answers ----------------------------------------------------------------------------------------

void ChatModel::sent(const msg::Message& message, Moment now) {
  outbox_.settle(message.client_id);
  stored_ = std::max(stored_, message.id.seq);
  pump(now);
}

void ChatModel::send_refused(const std::string& client_id, const Refusal& refusal, Moment now) {
  if (refusal.passing()) {
    outbox_.again();
    wait_after(refusal, now);
  } else if (auto entry = outbox_.settle(client_id)) {
    shows_.emplace_back(ShowRefused{.entry = std::move(*entry), .why = refusal});
  }
  pump(now);
}

void ChatModel::marked(const msg::Member& member, Moment now) {
  marking_ = false;
  this->member(member, now);
  pump(now);
}

void ChatModel::mark_refused(const AskMark& mark, const Refusal& refusal, Moment now) {
  marking_ = false;
  if (refusal.passing()) {
    wait_after(refusal, now);
  } else {  // asking again would bring the same answer
    delivered_.confirmed = std::max(delivered_.confirmed, mark.up_to);
    if (mark.state == msg::MessageState::read) {
      read_.confirmed = std::max(read_.confirmed, mark.up_to);
    }
  }
  pump(now);
}

/// Numbers that a whole answer leaves out are not ours to read, so nothing waits for them.
void ChatModel::newer(std::vector<msg::Message> messages, bool more, Moment now) {
  fetching_ = false;
  std::optional<msg::Seq> known;  // everything readable up to it is in held_
  for (auto& message : messages) {
    known = message.id.seq;
    if (message.sender == me_) outbox_.settle(message.client_id);
    if (message.id.seq > shown_) hold(std::move(message));
  }
  while (!held_.empty() && (!more || (known && held_.begin()->first <= *known))) {
    show(std::move(held_.extract(held_.begin()).mapped()));
  }
  drain();
  report_progress();
  pump(now);
}

void ChatModel::older(std::vector<msg::Message> messages, bool more) {
  if (!messages.empty()) oldest_ = messages.front().id.seq;
  shows_.emplace_back(ShowOlder{.messages = std::move(messages), .more = more});
}

void ChatModel::fetch_refused(const Refusal& refusal, Moment now) {
  if (!refusal.passing()) return newer({}, false, now);
  fetching_ = false;
  wait_after(refusal, now);
  pump(now);
}

// The person -------------------------------------------------------------------------------------

bool ChatModel::type(std::string client_id, std::string content, Moment now) {
  if (outbox_.full()) return false;
  outbox_.push({.client_id = std::move(client_id), .content = std::move(content)});
  wants_typing_ = false;
  pump(now);
  return true;
}

void ChatModel::keystroke(Moment now) {
  if (!online_ || (said_typing_ && now - *said_typing_ < kTypingInterval)) return;
  said_typing_ = now;
  wants_typing_ = true;
  pump(now);
}

void ChatModel::seen(msg::Seq seq, Moment now) {
  read_.wanted = std::max(read_.wanted, seq);
  pump(now);
}

bool ChatModel::want_older() {
  if (!online_ || !oldest_) return false;
  asks_.emplace_back(AskOlder{.before = *oldest_});
  return true;
}

void ChatModel::tick(Moment now) {
  if (std::erase_if(typing_, [now](const auto& one) { return one.second <= now; }) > 0) {
    report_typing();
  }
  pump(now);
}

std::optional<ChatModel::Moment> ChatModel::next_tick() const {
  std::optional<Moment> due;
  if (held_back_) due = std::max(not_before_, paced_ - kAskBurst);
  for (const auto& [user, expires] : typing_) due = due ? std::min(*due, expires) : expires;
  return due;
}

bool ChatModel::idle() const {
  const auto self = members_.find(me_);
  const bool member = self == members_.end() || self->second.active;
  return opened_ && outbox_.empty() && held_.empty() && (!member || shown_ >= stored_) &&
         !marking_ && delivered_.wanted <= delivered_.confirmed && read_.wanted <= read_.confirmed;
}

// Inside -----------------------------------------------------------------------------------------

void ChatModel::show(msg::Message message) {
  shown_ = message.id.seq;
  if (!oldest_) oldest_ = shown_;
  if (message.sender == me_) {
    progress_.add(
        {.seq = shown_, .created_at = message.created_at, .client_id = message.client_id});
  }
  shows_.emplace_back(ShowMessage{.message = std::move(message)});
}

void ChatModel::hold(msg::Message message) {
  auto& held = held_.try_emplace(message.id.seq, message).first->second;
  if (held.changed.value_or(held.version) < message.changed.value_or(message.version)) {
    held = std::move(message);
  }
}

void ChatModel::drain() {
  while (!held_.empty() && held_.begin()->first <= next(shown_)) {
    auto message = std::move(held_.extract(held_.begin()).mapped());
    if (message.id.seq > shown_) show(std::move(message));
  }
}

/// Asks for whatever is wanted, may be asked now and is not under way.
void ChatModel::pump(Moment now) {
  held_back_ = false;
  if (!online_ || !opened_) return;
  if (!fetching_ && !held_.empty() && may_ask(now)) {
    fetching_ = true;
    asks_.emplace_back(AskNewer{.after = shown_});
  }
  pump_marks(now);
  if (outbox_.can_send() && may_ask(now)) {
    const auto* entry = outbox_.begin_send();
    asks_.emplace_back(AskSend{.client_id = entry->client_id, .content = entry->content});
  }
  if (wants_typing_ && may_ask(now)) {
    wants_typing_ = false;
    asks_.emplace_back(AskTyping{});
  }
}

/// One mark at a time: what rises meanwhile goes into the next one.
void ChatModel::pump_marks(Moment now) {
  const bool read = read_.wanted > read_.confirmed;
  const bool delivered = delivered_.wanted > delivered_.confirmed;
  if (marking_ || (!read && !delivered) || !may_ask(now)) return;
  marking_ = true;
  // Read includes delivered, when it reaches as far.
  const bool as_read = read && (!delivered || read_.wanted >= delivered_.wanted);
  asks_.emplace_back(as_read ? AskMark{msg::MessageState::read, read_.wanted}
                             : AskMark{msg::MessageState::delivered, delivered_.wanted});
}

/// A token bucket, kept as the moment when it is full again.
bool ChatModel::may_ask(Moment now) {
  if (now < not_before_ || paced_ - now > kAskBurst) {
    held_back_ = true;
    return false;
  }
  paced_ = std::max(paced_, now) + kAskInterval;
  return true;
}

void ChatModel::wait_after(const Refusal& refusal, Moment now) {
  not_before_ = now + std::max(refusal.retry_after, kRetryMin);
}

void ChatModel::report_progress() {
  if (!opened_) return;
  using enum msg::MessageState;
  const auto read_news = progress_.advance(read, me_, members_);
  const auto delivered_news = progress_.advance(delivered, me_, members_);
  if (read_news) shows_.emplace_back(ShowProgress{.state = read, .message = *read_news});
  if (delivered_news && (!read_news || delivered_news->seq > read_news->seq)) {
    shows_.emplace_back(ShowProgress{.state = delivered, .message = *delivered_news});
  }
}

void ChatModel::report_typing() {
  ShowTyping show;
  for (const auto& [user, expires] : typing_) show.users.push_back(user);
  shows_.emplace_back(std::move(show));
}

}  // namespace msgctl
