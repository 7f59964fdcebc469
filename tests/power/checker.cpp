// SPDX-License-Identifier: Apache-2.0
#include "power/checker.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "msg/messenger.h"
#include "power/clients.h"

namespace msg::power {
namespace {

std::string text(std::int64_t number) {
  return std::to_string(number);
}

class Check {
 public:
  Check(const std::string& url, const Ledger& ledger) : ledger_(ledger) {
    auto opened = msg::open(url, options());
    if (opened) {
      messenger_ = *std::move(opened);
    } else {
      complain("it does not open: " + opened.error().detail);
    }
  }

  std::vector<std::string> run() {
    if (!messenger_) return complaints_;
    if (const auto healthy = messenger_->check(); !healthy) complain(healthy.error().detail);
    if (find_people() && find_chat()) {
      check_messages();
      check_numbers();
      check_pages();
      check_sending_again();
    } else {
      for (std::size_t i = 0; i < ledger_.sends.size(); ++i) {
        if (ledger_.sends[i].told) complain_of_loss(i);
      }
    }
    for (const auto& login : ledger_.logins) {
      if (!messenger_->authenticate(login.token)) complain("a session is gone");
    }
    return complaints_;
  }

 private:
  void complain(std::string text) { complaints_.push_back(std::move(text)); }
  void complain_of_loss(std::size_t number) {
    complain("acknowledged and lost: message " + std::to_string(number) + " at seq " +
             text(ledger_.sends[number].seq));
  }
  template <class T>
  bool ok(const Result<T>& result, const char* what) {
    if (!result) complain(std::string(what) + ": " + result.error().detail);
    return result.has_value();
  }

  bool find_people() {
    for (int person = 0; person < kPeople; ++person) {
      const auto user = messenger_->load_user_by_phone(phone_of(person));
      if (!user) {
        if (ledger_.people_told) complain("a user is gone");
        return false;
      }
      people_.at(static_cast<std::size_t>(person)) = user->id;
    }
    return true;
  }

  /// All of the conversation or nothing of it.
  bool find_chat() {
    const auto chat = messenger_->find_direct(people_[0], people_[1]);
    if (!ok(chat, "the conversation")) return false;
    for (const UserId person : people_) {
      const auto listed = messenger_->list_conversations(person, {});
      if (!ok(listed, "the list of conversations")) return false;
      if (listed->items.size() != (*chat ? 1U : 0U)) complain("a list of conversations is wrong");
    }
    if (!*chat) {
      if (ledger_.chat_told) complain("the conversation is gone");
      return false;
    }
    chat_ = (*chat)->id;
    const auto members = messenger_->list_members(people_[0], chat_, {});
    if (ok(members, "the members") && members->items.size() != kPeople) {
      complain("the conversation has " + text(std::ssize(members->items)) + " members");
    }
    return true;
  }

  std::vector<Message> read_all() {
    std::vector<Message> messages;
    HistoryRequest request{.conversation = chat_, .limit = 200, .order = Order::oldest_first};
    for (bool more = true; more;) {
      auto page = messenger_->history(people_[0], request);
      if (!ok(page, "the history")) break;
      std::ranges::move(page->items, std::back_inserter(messages));
      request.cursor = page->next;
      more = page->has_more;
    }
    return messages;
  }

  /// Dense, and each message one that was sent, once.
  void check_messages() {
    messages_ = read_all();
    std::map<std::string, std::size_t> number_of;
    for (std::size_t i = 0; i < ledger_.sends.size(); ++i) number_of[ledger_.sends[i].body] = i;
    std::map<std::size_t, std::int64_t> seq_of;
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const Message& message = messages_[i];
      const auto seq = to_int(message.id.seq);
      if (seq != static_cast<std::int64_t>(i) + 1)
        complain("there is a hole before seq " + text(seq));
      if (i > 0 && message.version <= messages_[i - 1].version) {
        complain("the version of seq " + text(seq) + " is not above the one before");
      }
      const auto sent = number_of.find(message.content);
      if (sent == number_of.end()) {
        complain("seq " + text(seq) + " holds what nobody sent");
      } else if (!seq_of.emplace(sent->second, seq).second) {
        complain("message " + text(std::ssize(seq_of)) + " is there twice");
      }
    }
    for (std::size_t i = 0; i < ledger_.sends.size(); ++i) {
      const auto& send = ledger_.sends[i];
      if (!send.told) continue;
      const auto found = seq_of.find(i);
      if (found == seq_of.end()) {
        complain_of_loss(i);
      } else if (found->second != send.seq) {
        complain("acknowledged at seq " + text(send.seq) + ", found at " + text(found->second));
      }
    }
  }

  /// Heads, counts and watermarks agree with the messages and with what was acknowledged.
  void check_numbers() {
    const auto last = static_cast<std::int64_t>(messages_.size());
    for (int reader = 0; reader < kPeople; ++reader) {
      const UserId user = people_.at(static_cast<std::size_t>(reader));
      const auto view = messenger_->load_conversation(user, chat_);
      if (!ok(view, "the head of the conversation")) return;
      const auto& conversation = view->conversation;
      const auto& self = view->self;
      if (to_int(conversation.last_seq) != last) {
        complain("last_seq is " + text(to_int(conversation.last_seq)) + " of " + text(last));
      }
      if (view->last_message.has_value() != (last > 0)) complain("last_message is wrong");
      const auto not_read = std::ranges::count_if(messages_, [&](const Message& message) {
        return message.sender != user && message.id.seq > self.read;
      });
      if (view->unread_count != not_read) {
        complain("unread is " + text(view->unread_count) + ", not " + text(not_read));
      }
      if (self.read > self.delivered || to_int(self.delivered) > last) {
        complain("a watermark is beyond what there is");
      }
      for (const auto& mark : ledger_.marks) {
        const Seq up_to{mark.up_to};
        if (mark.reader != reader) continue;
        if (self.delivered < up_to || (mark.read && self.read < up_to)) {
          complain("a receipt up to seq " + text(mark.up_to) + " was taken back");
        }
      }
    }
  }

  /// From every cursor comes what its holder has not seen, and nothing is gone that a reader saw.
  void check_pages() {
    const auto last = static_cast<std::int64_t>(messages_.size());
    for (const auto& place : ledger_.pages) {
      const std::string name = "a cursor behind seq " + text(place.seen);
      const auto page = messenger_->sync(people_.at(static_cast<std::size_t>(place.reader)),
                                         {.limit = 0, .cursor = place.cursor});
      if (!ok(page, (name + " is refused").c_str())) continue;
      std::int64_t next = place.seen + 1;
      for (const auto& delta : page->conversations) {
        if (delta.messages.empty()) continue;
        const Seq first = delta.missing ? delta.missing->from : delta.messages.front().id.seq;
        if (to_int(first) != next) complain(name + " goes on at seq " + text(to_int(first)));
        next = to_int(delta.messages.back().id.seq) + 1;
      }
      if (next != last + 1) complain(name + " leads to " + text(next - 1) + " of " + text(last));
    }
  }

  /// What was answered is answered the same; what was not is done now; nothing is done twice.
  void check_sending_again() {
    std::vector<Draft> drafts;
    drafts.reserve(ledger_.sends.size());
    for (std::size_t i = 0; i < ledger_.sends.size(); ++i) {
      drafts.push_back(draft_of(ledger_, i, chat_, people_));
    }
    const auto answers = messenger_->send_many(drafts);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto& send = ledger_.sends[i];
      if (!ok(answers[i], "sent again")) continue;
      const auto seq = to_int(answers[i]->id.seq);
      if (send.told && seq != send.seq) {
        complain("sent again under its key, seq " + text(send.seq) + " is answered as seq " +
                 text(seq));
      }
    }
    const auto messages = read_all();
    if (messages.size() != ledger_.sends.size()) {
      complain(text(std::ssize(ledger_.sends)) + " keys have made " + text(std::ssize(messages)) +
               " messages");
    }
  }

  const Ledger& ledger_;
  std::unique_ptr<Messenger> messenger_;
  std::array<UserId, kPeople> people_{};
  ConversationId chat_{};
  std::vector<Message> messages_;
  std::vector<std::string> complaints_;
};

}  // namespace

std::vector<std::string> check_store(const std::string& url, const Ledger& ledger) {
  return Check(url, ledger).run();
}

}  // namespace msg::power
