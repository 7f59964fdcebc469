// SPDX-License-Identifier: Apache-2.0
#include "http/json_write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "http/time_text.h"

namespace msgd {
namespace {

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

constexpr std::uint64_t repeat(unsigned char byte) {
  return ~std::uint64_t{0} / 0xFF * byte;
}

// Whether one of eight characters is below `limit`, which is at most 0x80 (Mycroft).
constexpr std::uint64_t has_below(std::uint64_t word, unsigned char limit) {
  return (word - repeat(limit)) & ~word & repeat(0x80);
}

/// The first character from `i` on that needs an escape. Nearly none does, so eight are looked at
/// in one go.
std::size_t find_escape(std::string_view text, std::size_t i) {
  for (std::uint64_t word = 0; text.size() - i >= sizeof word; i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    const auto quote = has_below(word ^ repeat('"'), 1);
    const auto backslash = has_below(word ^ repeat('\\'), 1);
    if ((has_below(word, 0x20) | quote | backslash) != 0) break;
  }
  while (i < text.size() && !needs_escape(text[i])) ++i;
  return i;
}

void append_id(std::string& out, msg::UserId id) {
  out += '"';
  append_integer(out, msg::to_int(id));
  out += '"';
}

void append_any_message(std::string& out, const msg::Message& message) {
  append_message(out, message);
}

void append_seq(std::string& out, msg::Seq seq) {
  append_integer(out, msg::to_int(seq));
}

void append_text_item(std::string& out, const std::string& text) {
  append_json_string(out, text);
}

/// What most messages do not have is left out: it would be a fifth of a plain one's bytes.
void append_extras(JsonObject& json, const msg::Message& message, ClientId client_id) {
  if (!message.mentions.empty()) json.array("mentions", message.mentions, append_id);
  if (message.forward) {
    json.value("forwarded", [&](std::string& out) {
      JsonObject forwarded(out);
      forwarded.number("hops", message.forward->hops);
      if (message.forward->origin && client_id == ClientId::shown) {
        forwarded.text("message_id", msg::to_string(*message.forward->origin));
      }
    });
  }
  if (!message.reactions.empty()) {
    json.array("reactions", message.reactions, [](std::string& out, const auto& reaction) {
      JsonObject(out).text("emoji", reaction.emoji).number("count", reaction.count);
    });
  }
  if (message.own_reactions) json.array("own_reactions", *message.own_reactions, append_text_item);
  if (message.hidden) json.boolean("hidden", true);
  if (message.pin) {
    json.value("pinned", [&](std::string& out) {
      JsonObject(out).id("user_id", message.pin->by).time("at", message.pin->at);
    });
  }
  if (message.quote) {
    json.value("quote", [&](std::string& out) {
      JsonObject(out)
          .id("sender_id", message.quote->sender)
          .text("kind", msg::to_string(message.quote->kind))
          .text("excerpt", message.quote->excerpt)
          .boolean("deleted", message.quote->deleted);
    });
  }
}

void append_range(JsonObject& json, std::string_view name,
                  const std::optional<msg::SeqRange>& range) {
  if (!range) {
    json.null(name);
    return;
  }
  json.value(name,
             [&](std::string& o) { JsonObject(o).seq("from", range->from).seq("to", range->to); });
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0;; ++i) {
    const std::size_t end = find_escape(text, i);
    out.append(text, i, end - i);
    if (end == text.size()) break;
    append_escaped(out, text[end]);
    i = end;
  }
  out += '"';
}

void JsonObject::key(std::string_view name) {
  // A third of a message's JSON are keys: all of one is put in place at once.
  const std::size_t before = out_.size();
  const std::size_t comma = first_ ? 0 : 1;
  const std::size_t after = before + comma + name.size() + 3;
  // The size that libstdc++ 12 hands to the function is the capacity when it has just grown.
  out_.resize_and_overwrite(after, [&](char* bytes, std::size_t) {
    char* to = bytes + before;
    *to = ',';
    to += comma;
    *to++ = '"';
    to = std::ranges::copy(name, to).out;
    *to++ = '"';
    *to = ':';
    return after;
  });
  first_ = false;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
  return *this;
}

JsonObject& JsonObject::text_or_null(std::string_view name, std::string_view value) {
  return value.empty() ? null(name) : text(name, value);
}

JsonObject& JsonObject::optional_text(std::string_view name,
                                      const std::optional<std::string>& value) {
  return value ? text(name, std::string_view{*value}) : null(name);
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
  key(name);
  append_integer(out_, value);
  return *this;
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::null(std::string_view name) {
  key(name);
  out_ += "null";
  return *this;
}

JsonObject& JsonObject::time(std::string_view name, msg::Time value) {
  key(name);
  out_ += '"';
  append_time(out_, value);
  out_ += '"';
  return *this;
}

JsonObject& JsonObject::time(std::string_view name, const std::optional<msg::Time>& value) {
  return value ? time(name, *value) : null(name);
}

JsonObject& JsonObject::digits(std::string_view name, std::int64_t value) {
  key(name);
  out_ += '"';
  append_integer(out_, value);
  out_ += '"';
  return *this;
}

void append_user(std::string& out, const msg::User& user, Phone phone) {
  JsonObject json(out);
  json.id("id", user.id)
      .text_or_null("phone", phone == Phone::shown ? user.phone : std::string_view{})
      .optional_text("username", user.username)
      .text("display_name", user.display_name)
      .text("about", user.about)
      .text("avatar", user.avatar)
      .text_or_null("presence_to",
                    phone == Phone::shown ? msg::to_string(user.presence_to) : std::string_view{})
      .time("created_at", user.created_at)
      .time("updated_at", user.updated_at);
  // As the phone, a matter of their own.
  if (phone == Phone::shown) {
    json.boolean("read_receipts", user.read_receipts);
  } else {
    json.null("read_receipts");
  }
}

void append_presence(std::string& out, const msg::PersonPresence& person) {
  JsonObject(out)
      .id("user_id", person.user)
      .text("state", msg::to_string(person.state))
      .time("last_seen", person.last_seen);
}

void append_message(std::string& out, const msg::Message& message, ClientId client_id) {
  JsonObject json(out);
  json.text("id", msg::to_string(message.id))
      .id("conversation_id", message.id.conversation)
      .seq("seq", message.id.seq)
      .id("sender_id", message.sender)
      .text("kind", msg::to_string(message.kind))
      .text("content", message.content)
      .seq("reply_to", message.reply_to)
      .time("timestamp", message.timestamp)
      .text_or_null("client_id",
                    client_id == ClientId::shown ? message.client_id : std::string_view{})
      .id("version", message.version)
      .time("created_at", message.created_at);
  if (message.changed) {
    json.id("changed", *message.changed);
  } else {
    json.null("changed");
  }
  json.time("edited_at", message.edited_at).boolean("deleted", message.deleted);
  append_extras(json, message, client_id);
  if (message.state) {
    json.text("status", msg::to_string(*message.state));
  } else {
    json.null("status");
  }
}

void append_revision(std::string& out, const msg::Revision& revision) {
  JsonObject(out)
      .id("user_id", revision.by)
      .time("at", revision.at)
      .id("version", revision.version)
      .boolean("deletion", revision.deletion)
      .text("content", revision.content);
}

void append_reactor(std::string& out, const msg::Reactor& reactor) {
  JsonObject(out)
      .id("user_id", reactor.user)
      .array("reactions", reactor.reactions, [](std::string& text, const auto& given) {
        JsonObject(text).text("emoji", given.emoji).time("at", given.at);
      });
}

void append_member(std::string& out, const msg::Member& member) {
  JsonObject(out)
      .id("conversation_id", member.conversation)
      .id("user_id", member.user)
      .text("role", msg::to_string(member.role))
      .boolean("active", member.active)
      .seq("visible_from", member.visible_from)
      .seq("visible_until", member.visible_until)
      .seq("delivered", member.delivered)
      .seq("read", member.read)
      .time("delivered_at", member.delivered_at)
      .time("read_at", member.read_at)
      .time("joined_at", member.joined_at)
      .id("version", member.version);
}

void append_view(std::string& out, const msg::ConversationView& view) {
  JsonObject json(out);
  json.value("conversation", [&](std::string& o) { append_conversation(o, view.conversation); });
  json.value("self", [&](std::string& o) { append_member(o, view.self); });
  if (view.last_message) {
    json.value("last_message", [&](std::string& o) { append_message(o, *view.last_message); });
  } else {
    json.null("last_message");
  }
  json.number("unread_count", view.unread_count).seq("unread_from", view.unread_from);
  json.number("mention_count", view.mention_count);
  json.array("pinned", view.pinned, append_seq);
  json.value("preferences", [&](std::string& o) { append_preferences(o, view.preferences); });
}

void append_status(std::string& out, const msg::MessageStatus& status,
                   const std::vector<msg::RecipientStatus>* recipients) {
  JsonObject json(out);
  json.text("message_id", msg::to_string(status.id))
      .text("status", msg::to_string(status.state))
      .number("recipient_count", status.recipient_count)
      .number("delivered_count", status.delivered_count)
      .number("read_count", status.read_count);
  if (recipients != nullptr) json.array("recipients", *recipients, append_recipient);
}

void append_recipient(std::string& out, const msg::RecipientStatus& recipient) {
  JsonObject(out)
      .id("user_id", recipient.user)
      .text("status", msg::to_string(recipient.state))
      .time("delivered_at", recipient.delivered_at)
      .time("read_at", recipient.read_at);
}

void append_receipt(std::string& out, const msg::Receipt& receipt) {
  JsonObject(out).id("user_id", receipt.user).time("at", receipt.at);
}

void append_unread(std::string& out, const msg::UnreadMark& mark) {
  JsonObject(out)
      .id("conversation_id", mark.conversation)
      .seq("unread_from", mark.unread_from)
      .number("unread_count", mark.unread_count);
}

void append_preferences(std::string& out, const msg::Preferences& preferences) {
  JsonObject(out)
      .boolean("pinned", preferences.pinned)
      .boolean("archived", preferences.archived)
      .time("muted_until", preferences.muted_until);
}

void append_delta(std::string& out, const msg::ConversationDelta& delta) {
  JsonObject json(out);
  json.value("view", [&](std::string& o) { append_view(o, delta.view); });
  json.array("messages", delta.messages, append_any_message);
  append_range(json, "missing", delta.missing);
  append_range(json, "stale", delta.stale);
  json.array("members", delta.members, append_member);
  json.boolean("more_members", delta.more_members);
}

void append_sync_page(std::string& out, const msg::SyncPage& page) {
  JsonObject(out)
      .array("conversations", page.conversations, append_delta)
      .text("cursor", page.cursor)
      .boolean("has_more", page.has_more)
      .text("resumed", msg::to_string(page.resumed));
}

}  // namespace msgd
