// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "msg/audit.h"
#include "msg/changes.h"
#include "msg/nodes.h"
#include "msg/presence.h"
#include "msg/requests.h"
#include "msg/rules.h"
#include "msg/types.h"

namespace msgd {

/// Appends `text` as a JSON string, quotes included. `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Appends one JSON object, member by member, to a string; the destructor closes it. There is no
/// tree in between: a message is written about as fast as it is copied.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonObject() { out_ += '}'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  JsonObject& text(std::string_view name, std::string_view value);
  /// Null when the text is empty.
  JsonObject& text_or_null(std::string_view name, std::string_view value);
  JsonObject& optional_text(std::string_view name, const std::optional<std::string>& value);
  JsonObject& number(std::string_view name, std::int64_t value);
  JsonObject& boolean(std::string_view name, bool value);
  JsonObject& null(std::string_view name);
  JsonObject& time(std::string_view name, msg::Time value);
  JsonObject& time(std::string_view name, const std::optional<msg::Time>& value);

  /// An id or a version: digits in a string, since 64 bits do not fit a JavaScript number.
  template <class Id>
  JsonObject& id(std::string_view name, Id value) {
    return digits(name, msg::to_int(value));
  }
  JsonObject& seq(std::string_view name, msg::Seq value) {
    return number(name, msg::to_int(value));
  }
  JsonObject& seq(std::string_view name, const std::optional<msg::Seq>& value) {
    return value ? seq(name, *value) : null(name);
  }

  /// A value that `write(std::string&)` appends.
  template <std::invocable<std::string&> Write>
  JsonObject& value(std::string_view name, Write write) {
    key(name);
    write(out_);
    return *this;
  }

  /// Each item by `write(std::string&, item)`.
  template <class Items, class Write>
  JsonObject& array(std::string_view name, const Items& items, Write write) {
    key(name);
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      write(out_, item);
    }
    out_ += ']';
    return *this;
  }

 private:
  void key(std::string_view name);
  JsonObject& digits(std::string_view name, std::int64_t value);

  std::string& out_;
  bool first_{true};
};

// The objects of docs/http-api.md, one function each, all appending.

enum class Phone { hidden, shown };
void append_user(std::string& out, const msg::User& user, Phone phone);

enum class ClientId { hidden, shown };
void append_message(std::string& out, const msg::Message& message,
                    ClientId client_id = ClientId::shown);

void append_revision(std::string& out, const msg::Revision& revision);
void append_reactor(std::string& out, const msg::Reactor& reactor);
void append_conversation(std::string& out, const msg::Conversation& conversation);
void append_invitation(std::string& out, const msg::Invitation& invitation);
void append_join_request(std::string& out, const msg::JoinRequest& request);
void append_block(std::string& out, const msg::Block& block);
void append_presence(std::string& out, const msg::PersonPresence& person);
void append_member(std::string& out, const msg::Member& member);
void append_view(std::string& out, const msg::ConversationView& view);
/// With the list of recipients, when given, as a further member.
void append_status(std::string& out, const msg::MessageStatus& status,
                   const std::vector<msg::RecipientStatus>* recipients = nullptr);
void append_recipient(std::string& out, const msg::RecipientStatus& recipient);
void append_session(std::string& out, const msg::Session& session);
/// In a list of them: with whether it is the one that asks.
void append_own_session(std::string& out, const msg::Session& session, bool is_current);
void append_receipt(std::string& out, const msg::Receipt& receipt);
void append_preferences(std::string& out, const msg::Preferences& preferences);
void append_unread(std::string& out, const msg::UnreadMark& mark);
void append_api_key(std::string& out, const msg::ApiKey& key);
void append_audit_entry(std::string& out, const msg::AuditEntry& entry);
void append_node(std::string& out, const msg::KnownNode& known);
void append_delta(std::string& out, const msg::ConversationDelta& delta);
void append_sync_page(std::string& out, const msg::SyncPage& page);

/// `{"items":[…],"page":{…}}`, each item by `write(std::string&, item)`.
template <class T, class Write>
void append_page(std::string& out, const msg::Page<T>& page, Write write) {
  JsonObject json(out);
  json.array("items", page.items, write);
  json.value("page", [&](std::string& text) {
    JsonObject(text)
        .text_or_null("next", page.next)
        .text_or_null("prev", page.prev)
        .boolean("has_more", page.has_more)
        .boolean("has_prev", page.has_prev);
  });
}

}  // namespace msgd
