// SPDX-License-Identifier: Apache-2.0
// Two people chat inside one process, on one SQLite file. Run it twice: the second run finds what
// the first one left and syncs only what is new since.
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "msg/messenger.h"

template <class T>
T must(msg::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

msg::User find_or_register(msg::Messenger& chat, const char* phone, const char* name) {
  if (auto user = chat.load_user_by_phone(phone)) return *user;
  return must(chat.register_user({.phone = phone, .display_name = name}));
}

int main() try {
  const auto chat = must(msg::open("sqlite:embedded_chat.db"));
  const auto alice = find_or_register(*chat, "+1 415 555 0101", "Alice");
  const auto bob = find_or_register(*chat, "+1 415 555 0102", "Bob");
  const auto talk = must(chat->open_direct(alice.id, bob.id)).id;

  // What came since the last run: one cursor covers all of Bob's conversations.
  std::string cursor;
  std::getline(std::ifstream("bob.cursor"), cursor);
  for (const auto& delta : must(chat->sync(bob.id, {.cursor = cursor})).conversations) {
    std::cout << "since the last run: " << delta.messages.size() << " messages, "
              << delta.view.unread_count << " unread\n";
  }

  // client_id makes a send exactly-once: repeat it as often as you like.
  must(chat->send(
      {.conversation = talk, .sender = alice.id, .content = "Hello, Bob!", .client_id = "hello"}));
  const auto answer = must(chat->send({talk, bob.id, "Hello, Alice!"}));
  must(chat->mark(alice.id, {talk, msg::MessageState::read, answer.id.seq}));

  // History, two messages a page, and how far each of Bob's messages got.
  msg::HistoryRequest request{.conversation = talk, .limit = 2};
  for (bool more = true; more;) {
    const auto page = must(chat->history(bob.id, request));
    for (const auto& message : page.items) {
      std::cout << '#' << msg::to_int(message.id.seq) << ' ' << message.content
                << (message.state ? " [" + std::string(msg::to_string(*message.state)) + "]" : "")
                << '\n';
    }
    request.cursor = page.next;
    more = page.has_more;
  }
  std::ofstream("bob.cursor") << must(chat->sync_position());
  must(chat->send({talk, alice.id, "See you tomorrow!"}));
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
