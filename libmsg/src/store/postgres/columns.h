// SPDX-License-Identifier: Apache-2.0
#pragma once

// Column lists that postgres_rows.cpp reads, in its order; t is the alias of the table.
#define MSG_USER(t)                                                                           \
  t "id," t "phone," t "username," t "display_name," t "about," t "avatar," t "created_at," t \
    "updated_at," t "read_receipts," t "presence_to," t "last_seen"
#define MSG_CONVERSATION(t)                                                                       \
  t "id," t "kind," t "title," t "direct_low," t "direct_high," t "created_by," t "created_at," t \
    "last_seq," t "activity," t "member_count," t "owner_count," t "version," t "senders," t      \
    "changes," t "pins"
#define MSG_MEMBER(t)                                                                            \
  t "conversation_id," t "user_id," t "role," t "active," t "visible_from," t "visible_until," t \
    "delivered," t "read," t "delivered_runs," t "read_runs," t "sent_count," t                  \
    "sent_count_at_read," t "joined_at," t "version," t "extras," t "own"
#define MSG_NEW_MESSAGE(t)                                                                        \
  t "conversation_id," t "seq," t "version," t "sender," t "kind," t "reply_to," t "timestamp," t \
    "edited_at," t "deleted," t "client_id," t "content"
#define MSG_MESSAGE(t) MSG_NEW_MESSAGE(t) "," t "changed," t "extras"
#define MSG_SIDE_RECORD "kind, owner, key, expires_at, value"
