// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/schema.h"

#include <array>

namespace msg::sqlite {
namespace {

// The whole schema. Tables and columns are named as the structs of msg/types.h and store/rows.h.
//
// - Times are milliseconds since 1970; a version is such a time << 16 plus a counter.
// - Enums are text, so that people can query them. They carry no CHECK: SQLite can only change one
//   by rebuilding the table, and a new kind must not cost that (it is also 3 µs a message); the
//   reader refuses a text that it does not know as corrupt.
// - conversation_id leads each key of what belongs to a conversation and user_id each key of what
//   belongs to a user, and no constraint reaches from one to the other, so that the same schema
//   can be split over machines. Whatever is found by something else (phone, name, token) has a
//   table that holds the way.
// - WITHOUT ROWID wherever the rows are small and the key is the only way to them.
constexpr const char* kInitial = R"sql(
-- The store itself, one row. last_version is the stamp of the newest commit.
CREATE TABLE meta (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  epoch         INTEGER NOT NULL,
  cursor_secret BLOB    NOT NULL,
  last_version  INTEGER NOT NULL
) STRICT;

-- "user" is a reserved word elsewhere.
CREATE TABLE user_account (
  id           INTEGER PRIMARY KEY,
  phone        TEXT    NOT NULL,
  username     TEXT,
  display_name TEXT    NOT NULL,
  about        TEXT    NOT NULL,
  avatar       TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL
) STRICT;

-- The ways to a user by phone and by name; what makes both unique.
CREATE TABLE user_phone (
  phone   TEXT    PRIMARY KEY,
  user_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE username (
  username TEXT    PRIMARY KEY,
  user_id  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The head, rewritten by each send: one small row found by one integer, so a rowid table.
-- senders: see store/rows.h SenderCount, packed by core/row_codec.h.
CREATE TABLE conversation (
  id           INTEGER PRIMARY KEY,
  kind         TEXT    NOT NULL,  -- direct, group
  title        TEXT    NOT NULL,
  direct_low   INTEGER NOT NULL,  -- 0 for groups
  direct_high  INTEGER NOT NULL,
  created_by   INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  last_seq     INTEGER NOT NULL,
  activity     INTEGER NOT NULL,  -- version of the newest message, else of the creation
  member_count INTEGER NOT NULL,
  owner_count  INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  senders      BLOB    NOT NULL
) STRICT;

-- The one conversation of two users, the lower id first.
CREATE TABLE direct (
  low             INTEGER NOT NULL,
  high            INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;

-- delivered_runs, read_runs: see store/rows.h ReceiptRun, packed by core/row_codec.h.
CREATE TABLE member (
  conversation_id    INTEGER NOT NULL,
  user_id            INTEGER NOT NULL,
  role               TEXT    NOT NULL,  -- member, admin, owner
  active             INTEGER NOT NULL CHECK (active IN (0, 1)),
  visible_from       INTEGER NOT NULL,
  visible_until      INTEGER,
  delivered          INTEGER NOT NULL,
  "read"             INTEGER NOT NULL,
  delivered_runs     BLOB    NOT NULL,
  read_runs          BLOB    NOT NULL,
  sent_count         INTEGER NOT NULL,
  sent_count_at_read INTEGER NOT NULL,
  joined_at          INTEGER NOT NULL,
  version            INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

-- "Which members changed since I last asked" must not read all members of a large group.
CREATE INDEX member_version ON member (conversation_id, version);

-- The user's side of a member.
CREATE TABLE membership (
  user_id         INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  active          INTEGER NOT NULL CHECK (active IN (0, 1)),
  version         INTEGER NOT NULL,
  PRIMARY KEY (user_id, conversation_id)
) STRICT, WITHOUT ROWID;

-- A rowid table although (conversation_id, seq) is the natural key: messages then lie in the order
-- of their arrival, one commit fills a few whole pages, and a body up to 4 KB stays in its leaf.
-- Clustered by the key each message dirties a page of its conversation, and a body over 1 KB goes
-- to pages of its own. Measured (2,000 conversations, commits of 64, bodies of about 200 / 2,000
-- bytes): 36,600 / 32,200 messages/s against 22,700 / 13,700, and a file of 123 MB against 191 for
-- the longer ones. The price: a history page of 50 is 50 look-ups, 53 µs against 15 from memory.
-- There is no created_at: it is version >> 16 (see message_view). content comes last, so that what
-- stands before it is read without its overflow pages.
CREATE TABLE message (
  conversation_id INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  sender          INTEGER NOT NULL,
  kind            TEXT    NOT NULL,  -- text, image, ... as in msg/types.h MessageKind
  reply_to        INTEGER,
  timestamp       INTEGER,
  edited_at       INTEGER,
  deleted         INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  client_id       TEXT    NOT NULL,  -- '' when the sender gave none
  content         TEXT    NOT NULL,
  PRIMARY KEY (conversation_id, seq)
) STRICT;

-- Every 128th message of a conversation: finds a moment without an index over all messages.
CREATE TABLE time_mark (
  conversation_id INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, version)
) STRICT, WITHOUT ROWID;

-- What makes a repeated send find its first answer. Lives as long as the message.
CREATE TABLE idempotency (
  conversation_id INTEGER NOT NULL,
  sender          INTEGER NOT NULL,
  client_id       TEXT    NOT NULL,
  request_hash    BLOB    NOT NULL,
  seq             INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, sender, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  user_id     INTEGER NOT NULL,
  id          INTEGER NOT NULL,
  token_hash  BLOB    NOT NULL,
  device_name TEXT    NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- The way from a token to its session.
CREATE TABLE session_token (
  token_hash BLOB    PRIMARY KEY,
  user_id    INTEGER NOT NULL,
  session_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Few and global.
CREATE TABLE api_key (
  id          INTEGER PRIMARY KEY,
  secret_hash BLOB    NOT NULL UNIQUE,
  name        TEXT    NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT;

-- For people with an sqlite3 shell; the library does not use it.
CREATE VIEW message_view AS
SELECT conversation_id || '-' || seq AS id, conversation_id, seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', (version >> 16) / 1000.0, 'unixepoch') AS created_at,
       sender, kind, content, reply_to,
       strftime('%Y-%m-%dT%H:%M:%fZ', timestamp / 1000.0, 'unixepoch') AS timestamp,
       strftime('%Y-%m-%dT%H:%M:%fZ', edited_at / 1000.0, 'unixepoch') AS edited_at,
       deleted, client_id, version
FROM message;
)sql";

// What a store needs to be a copy of another one.
constexpr const char* kCopies = R"sql(
-- Of a copy from a store with several writers (PostgreSQL, see docs/adr/0012): what that one had
-- seen, as in its table of this name. All versions above these are this store's own.
CREATE TABLE writer (
  id           INTEGER PRIMARY KEY,
  last_version INTEGER NOT NULL
) STRICT;

-- Who gave the versions of a copied conversation: those from from_version on, up to the next row.
CREATE TABLE writer_run (
  conversation_id INTEGER NOT NULL,
  from_version    INTEGER NOT NULL,
  writer          INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, from_version)
) STRICT, WITHOUT ROWID;

-- How far a copy has come: a row while it is not complete.
CREATE TABLE import_state (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  state BLOB NOT NULL
) STRICT;
)sql";

// Messages that change after they were sent. Plain sending writes none of it.
constexpr const char* kChanges = R"sql(
-- Version of the last change, NULL when it is as it was sent. (version stays that of the sending.)
ALTER TABLE message ADD COLUMN changed INTEGER;

-- Version of the last change to a message, 0 when there was none: sync need not look then.
ALTER TABLE conversation ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

-- "Which messages changed since I last asked": one row per changed message, moved by each change.
CREATE TABLE message_change (
  conversation_id INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, version)
) STRICT, WITHOUT ROWID;

-- Who edited or deleted a message and when, and what it said before: see store/rows.h
-- RevisionsRow, packed by core/row_codec.h.
CREATE TABLE revision (
  conversation_id INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  revisions       BLOB    NOT NULL,
  PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;

-- What most rows do not have, packed by core/extras_codec.h: mentions, origin, counts of reactions
-- and pin of a message; unread mentions and messages deleted for themselves of a member; pinned
-- messages of a conversation.
ALTER TABLE message ADD COLUMN extras BLOB;
ALTER TABLE member ADD COLUMN extras BLOB;
ALTER TABLE conversation ADD COLUMN pins BLOB;

-- What one member has put on one message, packed likewise: reactions with their times, or since
-- when it is deleted for them.
CREATE TABLE annotation (
  conversation_id INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  user_id         INTEGER NOT NULL,
  annotation      BLOB    NOT NULL,
  PRIMARY KEY (conversation_id, seq, user_id)
) STRICT, WITHOUT ROWID;
)sql";

// What is of one's own: marks that others do not see, the switch for read receipts, when a login
// was last used. And what tells a cursor of a lost past.
constexpr const char* kOwn = R"sql(
-- See store/rows.h MemberOwn, packed by core/row_codec.h; NULL for most.
ALTER TABLE member ADD COLUMN own BLOB;

ALTER TABLE user_account ADD COLUMN read_receipts INTEGER NOT NULL DEFAULT 1;

-- 0: not since it was made.
ALTER TABLE session ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;

-- One row per time that a process had the store open and wrote to it: the versions of the writer
-- (0 but in copies) above from_version, up to the next row, were given then. Cursors carry the tag.
CREATE TABLE life (
  writer       INTEGER NOT NULL,
  from_version INTEGER NOT NULL,
  tag          INTEGER NOT NULL,
  PRIMARY KEY (writer, from_version)
) STRICT, WITHOUT ROWID;
)sql";

// When a user was there, and who may know.
constexpr const char* kPresence = R"sql(
ALTER TABLE user_account ADD COLUMN presence_to TEXT NOT NULL DEFAULT 'contacts';
ALTER TABLE user_account ADD COLUMN last_seen INTEGER;
)sql";

// Small things that belong to a user, a conversation or a phone number; see store/side_record.h.
constexpr const char* kSideRecords = R"sql(
CREATE TABLE side_record (
  kind       INTEGER NOT NULL,
  owner      INTEGER NOT NULL,
  key        BLOB    NOT NULL,
  expires_at INTEGER,
  value      BLOB    NOT NULL,
  PRIMARY KEY (kind, owner, key)
) STRICT, WITHOUT ROWID;

-- What has expired is found without reading all that has not.
CREATE INDEX side_record_expiry ON side_record (expires_at, kind, owner, key)
WHERE expires_at IS NOT NULL;
)sql";

// Groups whose newcomers read what was said before: the live feed must know of whom it is true.
constexpr const char* kHistory = R"sql(
ALTER TABLE membership ADD COLUMN with_history INTEGER NOT NULL DEFAULT 0
  CHECK (with_history IN (0, 1));
)sql";

// What an API key may do, by bits (msg/api_keys.h). Those that were there may do everything.
constexpr const char* kKeyScopes = R"sql(
ALTER TABLE api_key ADD COLUMN scopes INTEGER NOT NULL DEFAULT 7;
)sql";

constexpr std::array<const char*, 8> kMigrations{kInitial,  kCopies,      kChanges, kOwn,
                                                 kPresence, kSideRecords, kHistory, kKeyScopes};

}  // namespace

std::span<const char* const> migrations() {
  return kMigrations;
}

}  // namespace msg::sqlite
