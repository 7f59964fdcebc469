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
  using Check = std::function<Result<void>(const SyncCursor&)>;
  using Reload = std::function<Result<void>()>;

  OwnedSubscription(std::shared_ptr<LiveSubscription> live, const CursorCodec& codec, Check check,
                    Reload reload, std::function<void()> remove)
      : live_(std::move(live)),
        codec_(codec),
        check_(std::move(check)),
        reload_(std::move(reload)),
        remove_(std::move(remove)) {}

  ~OwnedSubscription() override {
    remove_();
    live_->close();
  }

  Result<bool> go_live(std::string_view cursor) override {
    MSG_TRY(const auto claimed, decode_sync_cursor(codec_, cursor));
    if (claimed.paging()) return bad_cursor();
    MSG_CHECK(check_(claimed));
    if (live_->take_lost_track()) {
      if (auto loaded = reload_(); !loaded) {
        live_->lose_track({});
        return std::unexpected(std::move(loaded).error());
      }
    }
    return live_->go_live({.horizon = claimed.since, .tags = claimed.tags});
  }

  void pause() override { live_->pause(); }

 private:
  std::shared_ptr<LiveSubscription> live_;
  const CursorCodec& codec_;
  Check check_;
  Reload reload_;
  std::function<void()> remove_;
};

/// Whose marks the event tells of, if any.
const Member* member_of(const Event& event) {
  if (const auto* receipt = std::get_if<ReceiptEvent>(&event.body)) return &receipt->member;
  const auto* change = std::get_if<MemberEvent>(&event.body);
  return change ? &change->member : nullptr;
}

/// For who is not told what others read. Null when there is nothing else to tell.
std::shared_ptr<const Event> without_reads(const Event& event) {
  auto copy = std::make_shared<Event>(event);
  if (auto* receipt = std::get_if<ReceiptEvent>(&copy->body)) {
    if (!receipt->delivered_rose) return nullptr;
    receipt->member.read = Seq{};
    receipt->member.read_at.reset();
  } else if (auto* change = std::get_if<MemberEvent>(&copy->body)) {
    change->member.read = Seq{};
    change->member.read_at.reset();
  }
  return copy;
}

/// Messages of later versions are readable to one who joins now.
Version reads_after(const Member& member) {
  return member.visible_from == Seq{1} ? Version{} : member.version;
}

void erase(std::vector<std::shared_ptr<LiveSubscription>>& list, const LiveSubscription& item) {
  std::erase_if(list, [&](const auto& other) { return other.get() == &item; });
}

std::shared_ptr<const Event> without_quote(const Event& event) {
  auto bare = std::make_shared<Event>(event);
  std::get<MessageEvent>(bare->body).message.quote.reset();
  return bare;
}

/// For those whom ChangeHub::set_apart() puts behind. Null when there is nothing to tell them.
std::shared_ptr<const Event> part_of(const Event& event) {
  return std::holds_alternative<MessageEvent>(event.body) ? without_quote(event)
                                                          : without_reads(event);
}

}  // namespace

Result<std::unique_ptr<Subscription>> ChangeHub::subscribe(UserId user, EventHandler handler,
                                                           BehindHandler on_behind) {
  auto live =
      std::make_shared<LiveSubscription>(user, std::move(handler), std::move(on_behind), codec_);
  {
    const std::scoped_lock lock(mutex_);
    by_user_[user].push_back(live);
    loading_[live.get()];
  }
  // From here on destruction takes it out again, whatever happens.
  auto owned = std::make_unique<OwnedSubscription>(
      live, codec_, [this](const SyncCursor& cursor) { return check_position(cursor); },
      [this, live] { return reload_memberships(live); }, [this, live] { remove(*live); });
  MSG_CHECK(load_memberships(live));
  return owned;
}

/// Reads without the lock. An event told meanwhile may or may not be in what is read; what it
/// said is kept aside and wins. What is read may be newer, by another process: then that is told of
/// later, and says it again.
Result<void> ChangeHub::load_memberships(const std::shared_ptr<LiveSubscription>& live) {
  constexpr int kPage = 1000;
  std::vector<MembershipRow> rows;
  bool is_told = true;
  {
    MSG_TRY(const auto snapshot, store_.snapshot());
    MSG_TRY(const auto user, snapshot->find_user(live->user()));
    is_told = !user || user->read_receipts;
    // What was committed before anybody listened counts as seen too: a cursor from before it is
    // old.
    MSG_TRY(const auto newest, snapshot->horizon());
    live->note(newest);
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
  // What a switch said meanwhile is newer; who lost track meanwhile reads it again.
  if (!told_.contains(live->user()) && !live->has_lost_track()) {
    follow_setting(live->user(), is_told);
  }
  for (const auto& row : rows) {
    const auto said = said_meanwhile.find(row.conversation);
    const bool joined_before = said == said_meanwhile.end() || !said->second.has_left;
    const bool is_active = said == said_meanwhile.end() ? row.active : said->second.active;
    if (!row.active || !is_active || !joined_before) continue;
    listen(row.conversation, live, row.with_history ? Version{} : row.version);
  }
  for (const auto& [conversation, said] : said_meanwhile) {
    if (said.active) listen(conversation, live, said.joined);
  }
  return {};
}

/// Who lost track may have joined and left without our knowing. Meanwhile all counts as concerning
/// it.
Result<void> ChangeHub::reload_memberships(const std::shared_ptr<LiveSubscription>& live) {
  {
    const std::scoped_lock lock(mutex_);
    forget_memberships(*live);
    told_.erase(live->user());
    live->forget_seen();  // it may be of commits that the store has lost; the snapshot says
    loading_[live.get()];
  }
  return load_memberships(live);
}

void ChangeHub::follow_setting(UserId user, bool is_told) {
  told_[user] = is_told;
  if (is_told) {
    untold_.erase(user);
  } else {
    untold_.insert(user);
  }
}

void ChangeHub::tell(const News& news) {
  for (const NewsItem& item : news.items) tell(news, item);
  const std::scoped_lock lock(mutex_);
  queue_.told(news);
}

void ChangeHub::tell(const News& news, const NewsItem& item) {
  if (const auto* const event = std::get_if<std::shared_ptr<Event>>(&item)) {
    hand_out(*event, news);
  } else if (const auto* const made = std::get_if<ReadsSwitch>(&item)) {
    const std::scoped_lock lock(mutex_);
    if (by_user_.contains(made->user)) follow_setting(made->user, made->is_told);
  } else {
    fall_behind(news, item);
  }
}

bool ChangeHub::has_listeners() const {
  const std::scoped_lock lock(mutex_);
  return !by_user_.empty();
}

bool ChangeHub::listens_to(ConversationId conversation) const {
  const std::scoped_lock lock(mutex_);
  return by_conversation_.contains(conversation);
}

Position ChangeHub::claim_at(const Event& event, const News& news) const {
  Position claim;
  {
    const std::scoped_lock lock(mutex_);
    claim = queue_.reached();
  }
  claim.horizon.up_to.at(news.writer) = event.version;
  claim.tags.at(news.writer) = news.life;
  return claim;
}

void ChangeHub::hand_out(const std::shared_ptr<Event>& event, const News& news) {
  const Listeners listeners = listeners_of(*event, news.writer);
  if (listeners.all.empty()) return;
  const Position claim = claim_at(*event, news);
  event->cursor = encode_sync_cursor(codec_, {.since = claim.horizon, .tags = claim.tags});
  const std::shared_ptr<const Event> shared = event;
  const auto part_from = listeners.all.size() - listeners.told_a_part;
  for (std::size_t i = 0; i < part_from; ++i) {
    listeners.all[i]->deliver(shared, news.writer, claim);
  }
  if (listeners.told_a_part == 0) return;
  const auto part = part_of(*event);
  for (std::size_t i = part_from; part && i < listeners.all.size(); ++i) {
    listeners.all[i]->deliver(part, news.writer, claim);
  }
}

Result<void> ChangeHub::check_position(const SyncCursor& cursor) {
  MSG_TRY(const auto snapshot, store_.snapshot());
  return check_claim(*snapshot, cursor);
}

void ChangeHub::publish_passing(const std::shared_ptr<const Event>& event, UserId except) {
  List listeners;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_conversation_.find(event->conversation);
    if (found != by_conversation_.end()) listeners = found->second;
  }
  for (const auto& listener : listeners) {
    if (listener->user() != except) listener->deliver(event, writer_, {});
  }
}

ChangeHub::Listeners ChangeHub::listeners_of(const Event& event, std::size_t writer) {
  const std::scoped_lock lock(mutex_);
  if (by_user_.empty()) return {};
  for (const auto& [live, said] : loading_) live->note({event.version, writer});

  const auto* change = std::get_if<MemberEvent>(&event.body);
  if (change && change->member.active) follow_membership(change->member);

  Listeners listeners;
  List& all = listeners.all;
  if (const auto only = only_receiver(event)) {
    const auto own = by_user_.find(*only);
    if (own != by_user_.end()) all = own->second;
  } else if (const auto found = by_conversation_.find(event.conversation);
             found != by_conversation_.end()) {
    all = found->second;
  }
  if (event.not_for != UserId{}) {
    std::erase_if(all, [&](const auto& live) { return live->user() == event.not_for; });
  }

  if (const auto* changed = std::get_if<MessageChangeEvent>(&event.body)) {
    const Version sent = changed->message.version;
    std::erase_if(all,
                  [&](const auto& live) { return !may_read(*live, event.conversation, sent); });
  }
  set_apart(listeners, event);

  // Who leaves hears of it, and then of nothing more.
  if (change && !change->member.active) follow_membership(change->member);
  return listeners;
}

/// Puts those behind the others who may know a part of the event only: a new message without what
/// it quotes from before they joined, marks without what was read.
void ChangeHub::set_apart(Listeners& listeners, const Event& event) const {
  const auto put_behind = [&](const auto& may_know_all) {
    const auto behind = std::ranges::stable_partition(
        listeners.all, [&](const auto& live) { return may_know_all(*live); });
    listeners.told_a_part = behind.size();
  };
  const auto* const sent = std::get_if<MessageEvent>(&event.body);
  const Member* const member = member_of(event);
  if (sent && sent->message.quote) {
    put_behind([&](const LiveSubscription& live) {
      return may_read(live, event.conversation, sent->message.quote->version);
    });
  } else if (member && !untold_.empty()) {
    put_behind([&](const LiveSubscription& live) {
      return live.user() == member->user || !untold_.contains(live.user());
    });
  }
}

void ChangeHub::follow_membership(const Member& member) {
  const auto own = by_user_.find(member.user);
  if (own == by_user_.end()) return;
  for (const auto& live : own->second) {
    if (const auto loading = loading_.find(live.get()); loading != loading_.end()) {
      Said& said = loading->second[member.conversation];
      if (member.active && !said.active) said.joined = reads_after(member);
      said.has_left = said.has_left || !member.active;
      said.active = member.active;
    } else if (member.active) {
      listen(member.conversation, live, reads_after(member));
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

/// A member reads what came after joining, or everything.
bool ChangeHub::may_read(const LiveSubscription& live, ConversationId conversation,
                         Version sent) const {
  const auto heard = conversations_.find(&live);
  if (heard == conversations_.end()) return false;
  const auto joined = heard->second.find(conversation);
  return joined != heard->second.end() && joined->second < sent;
}

void ChangeHub::stop_listening(ConversationId conversation, const LiveSubscription& live) {
  if (conversations_[&live].erase(conversation) == 0) return;
  const auto found = by_conversation_.find(conversation);
  erase(found->second, live);
  if (found->second.empty()) by_conversation_.erase(found);
}

void ChangeHub::forget_memberships(const LiveSubscription& live) {
  const auto heard = conversations_.extract(&live);
  if (heard.empty()) return;
  for (const auto& [conversation, joined] : heard.mapped()) {
    const auto found = by_conversation_.find(conversation);
    erase(found->second, live);
    if (found->second.empty()) by_conversation_.erase(found);
  }
}

void ChangeHub::remove(const LiveSubscription& live) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(loading_, [&](const auto& entry) { return entry.first == &live; });
  forget_memberships(live);
  const auto own = by_user_.find(live.user());
  erase(own->second, live);
  if (!own->second.empty()) return;
  untold_.erase(own->first);
  told_.erase(own->first);
  by_user_.erase(own);
}

}  // namespace msg
