// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/json_read.h"
#include "http/json_write.h"
#include "http/message.h"
#include "msg/messenger.h"

namespace msgd {

/// How a send may name where it goes.
enum class Addressing {
  none,           ///< Not at all: the path does.
  user_or_group,  ///< receiver_id or group_id.
  any,            ///< Or conversation_id.
};

/// What the fields of a send say, over HTTP and WebSocket alike.
struct DraftFields {
  msg::Draft draft;  ///< Without sender, and without conversation when `receiver` is set.
  std::optional<msg::UserId> sender;
  std::optional<msg::UserId> receiver;
};

/// Takes the fields; what is wrong is noted by the reader.
DraftFields read_draft(ObjectReader& reader, Addressing addressing);

/// client_id may stand in the header Idempotency-Key instead; in both it must be the same.
/// `pointer` is where the body has it.
void read_idempotency_key(const Request& request, std::string_view pointer, DraftFields& fields,
                          FieldProblems& problems);

/// All but the message and the sender.
msg::ForwardDraft read_forward(ObjectReader& reader);

/// The conversation that `fields` address; with a receiver the direct one, made when needed. Its
/// draft has a sender by now. May block.
msg::Result<msg::ConversationId> resolve(msg::Messenger& messenger, const DraftFields& fields);

/// The answer to a send: the message, of which its sender knows at least that it was sent.
void append_sent(std::string& out, msg::Message message);

/// Whose a deletion is, which has to be said: `for` of a query or a frame.
enum class ForWhom { everyone, me };
template <class Reader>
ForWhom read_for_whom(Reader& reader);

/// Which part of a history is asked for, from the fields of a query or a frame, of type
/// QueryReader or ObjectReader.
template <class Reader>
msg::HistoryRequest read_history(Reader& reader);

/// `limit` of either; 0 when absent. Which limits are good, the library knows.
template <class Reader>
int read_limit(Reader& reader);

template <class Reader>
msg::PageRequest read_page(Reader& reader);

/// `state`, `limit` and `cursor`, without the message.
template <class Reader>
msg::ReceiptsRequest read_receipts_request(Reader& reader);

}  // namespace msgd
