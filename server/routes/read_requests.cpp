// SPDX-License-Identifier: Apache-2.0
#include "routes/read_requests.h"

#include <limits>
#include <utility>

namespace msgd {
namespace {

void read_address(ObjectReader& reader, Addressing addressing, DraftFields& fields) {
  if (addressing == Addressing::none) return;
  const auto receiver = reader.optional_id<msg::UserId>("receiver_id");
  const auto group = reader.optional_id<msg::ConversationId>("group_id");
  std::optional<msg::ConversationId> conversation;
  int named = (reader.has("receiver_id") ? 1 : 0) + (reader.has("group_id") ? 1 : 0);
  if (addressing == Addressing::any) {
    conversation = reader.optional_id<msg::ConversationId>("conversation_id");
    named += reader.has("conversation_id") ? 1 : 0;
  }
  if (named != 1) {
    reader.refuse(addressing == Addressing::any ? "conversation_id" : "receiver_id",
                  addressing == Addressing::any
                      ? "Give one of conversation_id, receiver_id and group_id."
                      : "Give either receiver_id or group_id.");
  }
  fields.receiver = receiver;
  fields.draft.conversation = conversation.value_or(group.value_or(msg::ConversationId{}));
}

}  // namespace

DraftFields read_draft(ObjectReader& reader, Addressing addressing) {
  DraftFields fields;
  fields.sender = reader.optional_id<msg::UserId>("sender_id");
  read_address(reader, addressing, fields);
  fields.draft.content = reader.required_string("content");
  fields.draft.kind = reader.optional_kind("kind").value_or(msg::MessageKind::text);
  fields.draft.reply_to = reader.optional_seq("reply_to");
  fields.draft.timestamp = reader.optional_time("timestamp");
  fields.draft.client_id = reader.optional_string("client_id").value_or(std::string{});
  fields.draft.mentions = reader.optional_user_ids("mentions");
  return fields;
}

void read_idempotency_key(const Request& request, std::string_view pointer, DraftFields& fields,
                          FieldProblems& problems) {
  const auto header = request.header("idempotency-key");
  if (!header) return;
  if (header->empty()) {
    problems.push_back({"Idempotency-Key", "Must be 1 to 128 printable ASCII characters."});
  } else if (!fields.draft.client_id.empty() && fields.draft.client_id != *header) {
    problems.push_back({std::string{pointer}, "Differs from the header Idempotency-Key."});
  }
  fields.draft.client_id = *header;
}

msg::ForwardDraft read_forward(ObjectReader& reader) {
  return {.message = {},
          .sender = {},
          .conversation = reader.required_id<msg::ConversationId>("conversation_id"),
          .client_id = reader.optional_string("client_id").value_or(std::string{})};
}

msg::Result<msg::ConversationId> resolve(msg::Messenger& messenger, const DraftFields& fields) {
  if (!fields.receiver) return fields.draft.conversation;
  MSG_CHECK(messenger.check_draft(fields.draft));  // a refused send leaves nothing behind
  MSG_TRY(const auto conversation, messenger.open_direct(fields.draft.sender, *fields.receiver));
  return conversation.id;
}

void append_sent(std::string& out, msg::Message message) {
  if (!message.state) message.state = msg::MessageState::sent;
  append_message(out, message);
}

template <class Reader>
int read_limit(Reader& reader) {
  const auto limit = reader.optional_integer("limit");
  if (!limit) return 0;
  // 0 would mean the default to the library, and what is beyond an int would be another number.
  if (*limit < 1 || *limit > std::numeric_limits<int>::max()) {
    reader.refuse("limit", "Must be from 1 to the largest page size.");
    return 0;
  }
  return static_cast<int>(*limit);
}

template <class Reader>
msg::PageRequest read_page(Reader& reader) {
  msg::PageRequest request;
  request.limit = read_limit(reader);
  request.cursor = reader.optional_string("cursor").value_or(std::string{});
  return request;
}

template <class Reader>
msg::HistoryRequest read_history(Reader& reader) {
  msg::HistoryRequest request;
  request.limit = read_limit(reader);
  request.cursor = reader.optional_string("cursor").value_or(std::string{});
  const auto order = reader.optional_string("order");
  if (order && *order != "asc" && *order != "desc") {
    reader.refuse("order", "Must be asc or desc.");
  }
  if (order && *order == "asc") request.order = msg::Order::oldest_first;
  request.before = reader.optional_seq("before", 0);
  request.after = reader.optional_seq("after", 0);
  request.around = reader.optional_seq("around", 0);
  request.from = reader.optional_time("from");
  request.to = reader.optional_time("to");
  return request;
}

template <class Reader>
msg::ReceiptsRequest read_receipts_request(Reader& reader) {
  const auto state = reader.optional_string("state");
  if (state != "read" && state != "delivered") reader.refuse("state", "Must be read or delivered.");
  const auto page = read_page(reader);
  return {.message = {},
          .state = state == "read" ? msg::MessageState::read : msg::MessageState::delivered,
          .limit = page.limit,
          .cursor = page.cursor};
}

template <class Reader>
ForWhom read_for_whom(Reader& reader) {
  const auto whom = reader.optional_string("for");
  if (whom == "me") return ForWhom::me;
  if (whom != "everyone") reader.refuse("for", "Must be everyone or me.");
  return ForWhom::everyone;
}

template ForWhom read_for_whom(ObjectReader&);
template ForWhom read_for_whom(QueryReader&);
template int read_limit(ObjectReader&);
template int read_limit(QueryReader&);
template msg::PageRequest read_page(ObjectReader&);
template msg::PageRequest read_page(QueryReader&);
template msg::ReceiptsRequest read_receipts_request(ObjectReader&);
template msg::ReceiptsRequest read_receipts_request(QueryReader&);
template msg::HistoryRequest read_history(ObjectReader&);
template msg::HistoryRequest read_history(QueryReader&);

}  // namespace msgd
