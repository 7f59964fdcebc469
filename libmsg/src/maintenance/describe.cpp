// SPDX-License-Identifier: Apache-2.0
#include "maintenance/describe.h"

namespace msg {

std::string words_of(UserId user) {
  return "user " + std::to_string(to_int(user));
}

std::string words_of(ConversationId conversation) {
  return "conversation " + std::to_string(to_int(conversation));
}

std::string words_of(const MessageId& message) {
  return "message " + to_string(message);
}

std::string words_of(Table table, const RecordKey& key) {
  const auto id = [&](std::size_t i) { return std::to_string(key.ids.at(i)); };
  const auto user = [&](std::size_t i) { return words_of(UserId{key.ids.at(i)}); };
  const auto conversation = [&](std::size_t i) { return words_of(ConversationId{key.ids.at(i)}); };
  switch (table) {
    case Table::users:
      return user(0);
    case Table::phones:
      return "the entry of a phone number";
    case Table::usernames:
      return "the entry of a username";
    case Table::sessions:
      return "session " + id(1) + " of " + user(0);
    case Table::tokens:
      return "the entry of a token";
    case Table::api_keys:
      return "API key " + id(0);
    case Table::secrets:
      return "the entry of an API key's secret";
    case Table::conversations:
      return conversation(0);
    case Table::directs:
      return "the entry of the direct conversation of users " + id(0) + " and " + id(1);
    case Table::members:
      return user(1) + " as member of " + conversation(0);
    case Table::changed_members:
      return "the change entry of " + user(2) + " in " + conversation(0) + " at version " + id(1);
    case Table::memberships:
      return conversation(1) + " in the list of " + user(0);
    case Table::messages:
      return words_of(MessageId{ConversationId{key.ids[0]}, Seq{key.ids[1]}});
    case Table::time_marks:
      return "the time mark of " + conversation(0) + " at version " + id(1);
    case Table::idempotency:
      return "a client_id of " + user(1) + " in " + conversation(0);
    case Table::changed_messages:
      return "the message change of " + conversation(0) + " at version " + id(1);
    case Table::revisions:
      return "the history of edits of " +
             words_of(MessageId{ConversationId{key.ids[0]}, Seq{key.ids[1]}});
    case Table::annotations:
      return "what " + user(2) + " put on " +
             words_of(MessageId{ConversationId{key.ids[0]}, Seq{key.ids[1]}});
    case Table::side_records:
      return "a side record of kind " + id(0) + " of owner " + id(1);
    case Table::expiries:
      return "the expiry entry of a side record of kind " + id(1) + " of owner " + id(2);
  }
  return {};
}

}  // namespace msg
