// SPDX-License-Identifier: Apache-2.0
#include "feed/change_hub.h"

#include <algorithm>
#include <utility>

#include "feed/live_subscription.h"

namespace msg {
namespace {

/// What a caller owns of its subscription.
class OwnedSubscription final : public Subscription {
 public:
  using Note = std::function<void(const Horizon&)>;

  OwnedSubscription(std::shared_ptr<LiveSubscription> live, const CursorCodec& codec, Note note,
                    std::function<void()> remove)
      : live_(std::move(live)), codec_(codec), note_(std::move(note)), remove_(std::move(remove)) {}

  ~OwnedSubscription() override {
    remove_();
    live_->close();
  }

  Result<bool> go_live(std::string_view cursor) override {
    MSG_TRY(const auto position, decode_sync_cursor(codec_, cursor));
    if (position.paging()) return bad_cursor();
    note_(position.since);
    return live_->go_live(position.since);
  }

  void pause() override { live_->pause(); }

 private:
  std::shared_ptr<LiveSubscription> live_;
  const CursorCodec& codec_;
  Note note_;
  std::function<void()> remove_;
};

void erase(std::vector<std::shared_ptr<LiveSubscription>>& list, const LiveSubscription& item) {
  std::erase_if(list, [&](const auto& other) { return other.get() == &item; });
}

/// Whose devices alone hear of it.
std::optional<UserId> only_receiver(const Event& event) {
  const auto* receipt = std::get_if<ReceiptEvent>(&event.body);
  if (receipt && !receipt->to_everyone) return receipt->member.user;
  if (const auto* hide = std::get_if<HideEvent>(&event.body)) return hide->user;
  return std::nullopt;
}

std::shared_ptr<const Event> without_quote(const Event& event) {
  auto bare = std::make_shared<Event>(event);
  std::get<MessageEvent>(bare->body).message.quote.reset();
  return bare;
}

}  // namespace

Result<std::unique_ptr<Subscription>> ChangeHub::subscribe(UserId user, EventHandler handler) {
  auto live = std::make_shared<LiveSubscription>(user, std::move(handler), codec_, writer_);
  {
    const std::scoped_lock lock(mutex_);
    if (by_user_.empty()) base_.reset();
    by_user_[user].push_back(live);
    loading_[live.get()];
  }
  // From here on destruction takes it out again, whatever happens.
  auto owned = std::make_unique<OwnedSubscription>(
      live, codec_, [this](const Horizon& position) { note_position(position); },
      [this, live] { remove(*live); });
  MSG_CHECK(load_memberships(live));
  return owned;
}

/// Reads without the lock. An event committed meanwhile may or may not be in what is read; what it
/// said is kept aside and wins, and an event published later says it again.
Result<void> ChangeHub::load_memberships(const std::shared_ptr<LiveSubscription>& live) {
  constexpr int kPage = 1000;
  std::vector<MembershipRow> rows;
  {
    MSG_TRY(const auto snapshot, store_.snapshot());
    // What was committed here before anybody listened counts as seen too: a cursor from before it
    // is old. What others commit does not come this way; sync brings it.
    MSG_TRY(const auto newest, snapshot->horizon());
    live->note(newest.up_to.at(writer_));
    std::size_t size_before = 0;
    do {
      size_before = rows.size();
      const auto after = rows.empty() ? ConversationId{} : rows.back().conversation;
      MSG_TRY(auto page, snapshot->list_memberships(live->user(), after, kPage));
      rows.insert(rows.end(), page.begin(), page.end());
    } while (rows.size() - size_before == kPage);
  }
  const std::scoped_lock lock(mutex_);
  const auto said_meanwhile = std::move(loading_.at(live.get()));
  loading_.erase(live.get());
  for (const auto& row : rows) {
    const auto said = said_meanwhile.find(row.conversation);
    const bool joined_before = said == said_meanwhile.end() || !said->second.has_left;
    const bool is_active = said == said_meanwhile.end() ? row.active : said->second.active;
    if (row.active && is_active && joined_before) listen(row.conversation, live, row.version);
  }
  for (const auto& [conversation, said] : said_meanwhile) {
    if (said.active) listen(conversation, live, said.joined);
  }
  return {};
}

void ChangeHub::publish(const std::vector<std::shared_ptr<Event>>& events) {
  for (const auto& event : events) {
    Listeners listeners = listeners_of(*event);
    if (listeners.empty()) continue;
    const Horizon base = base_position();
    SyncCursor cursor;
    cursor.since = base;
    cursor.since.up_to.at(writer_) = event->version;
    event->cursor = encode_sync_cursor(codec_, cursor);
    const std::shared_ptr<const Event> shared = event;
    const std::size_t with_quote = quoted_to(*event, listeners);
    for (std::size_t i = 0; i < with_quote; ++i) listeners[i]->deliver(shared, base);
    if (with_quote == listeners.size()) continue;
    const auto bare = without_quote(*event);
    for (std::size_t i = with_quote; i < listeners.size(); ++i) listeners[i]->deliver(bare, base);
  }
}

void ChangeHub::note_position(const Horizon& position) {
  const std::scoped_lock lock(mutex_);
  base_ = base_ ? meet(*base_, position) : position;
  base_->up_to.at(writer_) = {};
}

Horizon ChangeHub::base_position() {
  const std::scoped_lock lock(mutex_);
  return base_.value_or(Horizon{});
}

void ChangeHub::publish_passing(const std::shared_ptr<const Event>& event, UserId except) {
  Listeners listeners;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_conversation_.find(event->conversation);
    if (found != by_conversation_.end()) listeners = found->second;
  }
  for (const auto& listener : listeners) {
    if (listener->user() != except) listener->deliver(event, {});
  }
}

ChangeHub::Listeners ChangeHub::listeners_of(const Event& event) {
  const std::scoped_lock lock(mutex_);
  if (by_user_.empty()) return {};
  for (const auto& [live, said] : loading_) live->note(event.version);

  const auto* change = std::get_if<MemberEvent>(&event.body);
  if (change && change->member.active) follow_membership(change->member);

  Listeners listeners;
  if (const auto only = only_receiver(event)) {
    const auto own = by_user_.find(*only);
    if (own != by_user_.end()) listeners = own->second;
  } else if (const auto found = by_conversation_.find(event.conversation);
             found != by_conversation_.end()) {
    listeners = found->second;
  }

  if (const auto* changed = std::get_if<MessageChangeEvent>(&event.body)) {
    const Version sent = changed->message.version;
    std::erase_if(listeners,
                  [&](const auto& live) { return !may_read(*live, event.conversation, sent); });
  }

  // Who leaves hears of it, and then of nothing more.
  if (change && !change->member.active) follow_membership(change->member);
  return listeners;
}

void ChangeHub::follow_membership(const Member& member) {
  const auto own = by_user_.find(member.user);
  if (own == by_user_.end()) return;
  for (const auto& live : own->second) {
    if (const auto loading = loading_.find(live.get()); loading != loading_.end()) {
      Said& said = loading->second[member.conversation];
      if (member.active && !said.active) said.joined = member.version;
      said.has_left = said.has_left || !member.active;
      said.active = member.active;
    } else if (member.active) {
      listen(member.conversation, live, member.version);
    } else {
      stop_listening(member.conversation, *live);
    }
  }
}

/// Of one who listens already the version stays: it is that of joining, this of another change.
void ChangeHub::listen(ConversationId conversation, const std::shared_ptr<LiveSubscription>& live,
                       Version joined) {
  if (conversations_[live.get()].try_emplace(conversation, joined).second) {
    by_conversation_[conversation].push_back(live);
  }
}

/// A member reads what came after joining.
bool ChangeHub::may_read(const LiveSubscription& live, ConversationId conversation,
                         Version sent) const {
  const auto heard = conversations_.find(&live);
  if (heard == conversations_.end()) return false;
  const auto joined = heard->second.find(conversation);
  return joined != heard->second.end() && joined->second < sent;
}

/// Puts those first who may read what a new message quotes, and says how many they are.
std::size_t ChangeHub::quoted_to(const Event& event, Listeners& listeners) {
  const auto* sent = std::get_if<MessageEvent>(&event.body);
  if (!sent || !sent->message.quote) return listeners.size();
  const std::scoped_lock lock(mutex_);
  const auto others = std::ranges::stable_partition(listeners, [&](const auto& live) {
    return may_read(*live, event.conversation, sent->message.quote->version);
  });
  return listeners.size() - others.size();
}

void ChangeHub::stop_listening(ConversationId conversation, const LiveSubscription& live) {
  if (conversations_[&live].erase(conversation) == 0) return;
  const auto found = by_conversation_.find(conversation);
  erase(found->second, live);
  if (found->second.empty()) by_conversation_.erase(found);
}

void ChangeHub::remove(const LiveSubscription& live) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(loading_, [&](const auto& entry) { return entry.first == &live; });
  const auto heard = std::exchange(conversations_[&live], {});
  for (const auto& [conversation, joined] : heard) {
    const auto found = by_conversation_.find(conversation);
    erase(found->second, live);
    if (found->second.empty()) by_conversation_.erase(found);
  }
  conversations_.erase(&live);
  const auto own = by_user_.find(live.user());
  erase(own->second, live);
  if (own->second.empty()) by_user_.erase(own);
}

}  // namespace msg
