// SPDX-License-Identifier: Apache-2.0
#include "power/clients.h"

#include <algorithm>
#include <span>

namespace msg::power {
namespace {

std::string quoted(std::size_t number) {
  return "message " + std::to_string(number);
}

}  // namespace

Options options() {
  Options options;
  options.profile = Profile::phone;
  options.readers = 1;
  return options;
}

std::string phone_of(int person) {
  return "+1415555010" + std::to_string(person);
}

std::string key_of(std::size_t number) {
  return "key-" + std::to_string(number);
}

Draft draft_of(const Ledger& ledger, std::size_t number, ConversationId chat,
               const std::array<UserId, kPeople>& people) {
  const auto& send = ledger.sends.at(number);
  return {.conversation = chat,
          .sender = people.at(static_cast<std::size_t>(send.sender)),
          .content = send.body,
          .client_id = key_of(number)};
}

bool Clients::open() {
  const Position began = disk_.position();
  auto opened = msg::open(url_of(kind_, disk_.root().string()), options());
  if (!ok(opened)) return false;
  messenger_ = *std::move(opened);
  for (int person = 0; person < kPeople; ++person) {
    auto user = messenger_->load_user_by_phone(phone_of(person));
    if (!user) user = messenger_->register_user({.phone = phone_of(person)});
    if (!ok(user)) return false;
    people_.at(static_cast<std::size_t>(person)) = user->id;
  }
  if (!ledger_.people_told) ledger_.people_told = disk_.position();
  const auto chat = messenger_->open_direct(people_[0], people_[1]);
  if (!ok(chat)) return false;
  chat_ = chat->id;
  if (!ledger_.chat_told) ledger_.chat_told = disk_.position();
  openings.push_back(began);
  return true;
}

void Clients::close() {
  disk_.before_syncs(nullptr);
  messenger_.reset();
}

void Clients::send(int sender, std::size_t bytes, std::size_t count) {
  if (!is_open()) return;
  const std::size_t first = ledger_.sends.size();
  std::vector<Draft> drafts;
  drafts.reserve(count);
  for (std::size_t number = first; number < first + count; ++number) {
    ledger_.sends.push_back({.sender = sender,
                             .body = std::to_string(number) + ':' + std::string(bytes, 'm'),
                             .started = disk_.position()});
    drafts.push_back(draft_of(ledger_, number, chat_, people_));
  }
  const auto answers = messenger_->send_many(drafts);
  for (std::size_t i = 0; i < answers.size(); ++i) note_answer(first + i, answers[i]);
}

void Clients::send_again() {
  if (!is_open()) return;
  std::vector<Draft> drafts;
  drafts.reserve(ledger_.sends.size());
  for (std::size_t number = 0; number < ledger_.sends.size(); ++number) {
    drafts.push_back(draft_of(ledger_, number, chat_, people_));
  }
  const auto answers = messenger_->send_many(drafts);
  for (std::size_t number = 0; number < answers.size(); ++number) {
    note_answer(number, answers[number]);
  }
}

void Clients::note_answer(std::size_t number, const Result<Message>& answer) {
  if (!ok(answer)) return;
  auto& send = ledger_.sends.at(number);
  const auto seq = to_int(answer->id.seq);
  if (send.told && send.seq != seq) {
    complain(quoted(number) + " was seq " + std::to_string(send.seq) +
             " and is answered again as seq " + std::to_string(seq));
  }
  if (answer->content != send.body) complain(quoted(number) + " has another body");
  if (!send.told) {
    send.told = disk_.position();
    send.seq = seq;
  }
  newest_ = std::max(newest_, seq);
}

void Clients::mark(int reader, bool read) {
  if (!is_open() || newest_ == 0) return;
  const auto marked =
      messenger_->mark(people_.at(static_cast<std::size_t>(reader)),
                       {chat_, read ? MessageState::read : MessageState::delivered, Seq{newest_}});
  if (!ok(marked)) return;
  ledger_.marks.push_back(
      {.reader = reader, .read = read, .up_to = newest_, .told = disk_.position()});
}

void Clients::poll(int reader) {
  if (is_open()) poll_now(reader);
}

Ledger::Page Clients::last_page(int reader) {
  const std::scoped_lock lock(mutex_);
  const auto last = std::ranges::find(ledger_.pages.rbegin(), ledger_.pages.rend(), reader,
                                      &Ledger::Page::reader);
  return last != ledger_.pages.rend() ? *last : Ledger::Page{.reader = reader};
}

void Clients::poll_now(int reader) {
  Ledger::Page place = last_page(reader);
  for (bool more = true; more;) {
    const auto page = messenger_->sync(people_.at(static_cast<std::size_t>(reader)),
                                       {.limit = 0, .cursor = place.cursor});
    if (!ok(page)) return;
    place.cursor = page->cursor;
    for (const auto& delta : page->conversations) {
      if (delta.messages.empty()) continue;
      const Seq first = delta.missing ? delta.missing->from : delta.messages.front().id.seq;
      if (to_int(first) != place.seen + 1) {
        complain("a reader had seq " + std::to_string(place.seen) + " and was offered seq " +
                 std::to_string(to_int(first)) + " next");
      }
      place.seen = to_int(delta.messages.back().id.seq);
    }
    place.told = disk_.position();
    more = page->has_more;
    const std::scoped_lock lock(mutex_);
    ledger_.pages.push_back(place);
  }
}

void Clients::login(int person) {
  if (!is_open()) return;
  const auto session =
      messenger_->create_session(people_.at(static_cast<std::size_t>(person)), "phone");
  if (ok(session)) ledger_.logins.push_back({.token = session->token, .told = disk_.position()});
}

void Clients::write_back() {
  if (is_open()) power::write_back(kind_);
}

void Clients::poll_during_commits() {
  if (!is_open()) return;
  disk_.before_syncs([this](const std::string& path) {
    if (path.ends_with("-wal") || path.ends_with(".log")) poll_now(1);
  });
}

}  // namespace msg::power
