// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "store/records.h"

namespace msg {

// Names of things in sentences for people: ids, never a phone number, a token, a name or content.

std::string words_of(UserId user);
std::string words_of(ConversationId conversation);
std::string words_of(const MessageId& message);
/// "message 5-17", "the member entry of user 3 in conversation 5", "the entry of a phone number".
std::string words_of(Table table, const RecordKey& key);

}  // namespace msg
