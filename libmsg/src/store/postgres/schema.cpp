// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/schema.h"

namespace msg::postgres {
namespace {

// The whole schema: the tables and columns of store/sqlite/schema.cpp, and a little more.
//
// - Times are milliseconds since 1970; a version is such a time << 16 plus a counter.
// - Enums are text without CHECK: the reader refuses a text that it does not know as corrupt.
// - conversation_id leads each key of what belongs to a conversation and user_id each key of what
//   belongs to a user. No foreign key, unique constraint or sequence reaches from one to the
//   other, so that the same schema can be split over machines.
// - writer: which process made the version beside it, see table writer. Whatever sync offers has
// it.
// - Columns stand in the order of their size, so that rows have no holes, texts last.
// - fillfactor leaves room beside rows that are rewritten often: their new versions stay on the
//   page, and no index hears of them (HOT).
constexpr const char* kInitial = R"sql(
-- The store itself, one row.
CREATE TABLE meta (
  id            INT8  PRIMARY KEY CHECK (id = 1),
  epoch         INT8  NOT NULL,
  cursor_secret BYTEA NOT NULL
);

-- One row per process that writes (Options::node, modulo 24), with the version of its newest
-- commit. Each commit locks its row first and rewrites it, so the commits of a writer come one
-- after the other with rising versions: in any snapshot, all of a writer's changes up to its
-- last_version are there, and none above it. A sync cursor is these versions.
CREATE TABLE writer (
  id           INT8 PRIMARY KEY,
  last_version INT8 NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE user_account (
  id           INT8 PRIMARY KEY,
  created_at   INT8 NOT NULL,
  updated_at   INT8 NOT NULL,
  phone        TEXT NOT NULL,
  username     TEXT,
  display_name TEXT NOT NULL,
  about        TEXT NOT NULL,
  avatar       TEXT NOT NULL
);

-- The ways to a user by phone and by name; what makes both unique.
CREATE TABLE user_phone (
  phone   TEXT COLLATE "C" PRIMARY KEY,
  user_id INT8 NOT NULL
);
CREATE TABLE username (
  username TEXT COLLATE "C" PRIMARY KEY,
  user_id  INT8 NOT NULL
);

-- The head, rewritten by each send; its row lock orders all that happens in the conversation.
-- senders: see store/rows.h SenderCount, packed by core/row_codec.h.
CREATE TABLE conversation (
  id           INT8  PRIMARY KEY,
  direct_low   INT8  NOT NULL,  -- 0 for groups
  direct_high  INT8  NOT NULL,
  created_by   INT8  NOT NULL,
  created_at   INT8  NOT NULL,
  last_seq     INT8  NOT NULL,
  activity     INT8  NOT NULL,  -- version of the newest message, else of the creation
  member_count INT8  NOT NULL,
  owner_count  INT8  NOT NULL,
  version      INT8  NOT NULL,
  writer       INT2  NOT NULL,
  kind         TEXT  NOT NULL,  -- direct, group
  title        TEXT  NOT NULL,
  senders      BYTEA NOT NULL
) WITH (fillfactor = 50);

-- The one conversation of two users, the lower id first.
CREATE TABLE direct (
  low             INT8 NOT NULL,
  high            INT8 NOT NULL,
  conversation_id INT8 NOT NULL,
  PRIMARY KEY (low, high)
);

-- delivered_runs, read_runs: see store/rows.h ReceiptRun, packed by core/row_codec.h.
CREATE TABLE member (
  conversation_id    INT8  NOT NULL,
  user_id            INT8  NOT NULL,
  visible_from       INT8  NOT NULL,
  visible_until      INT8,
  delivered          INT8  NOT NULL,
  read               INT8  NOT NULL,
  sent_count         INT8  NOT NULL,
  sent_count_at_read INT8  NOT NULL,
  joined_at          INT8  NOT NULL,
  version            INT8  NOT NULL,
  writer             INT2  NOT NULL,
  active             BOOL  NOT NULL,
  role               TEXT  NOT NULL,  -- member, admin, owner
  delivered_runs     BYTEA NOT NULL,
  read_runs          BYTEA NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 80);

-- "Which members changed since I last asked" must not read all members of a large group.
CREATE INDEX member_version ON member (conversation_id, version);

-- The user's side of a member.
CREATE TABLE membership (
  user_id         INT8 NOT NULL,
  conversation_id INT8 NOT NULL,
  version         INT8 NOT NULL,
  writer          INT2 NOT NULL,
  active          BOOL NOT NULL,
  PRIMARY KEY (user_id, conversation_id)
);

-- No created_at: it is version >> 16 (see message_view).
CREATE TABLE message (
  conversation_id INT8 NOT NULL,
  seq             INT8 NOT NULL,
  version         INT8 NOT NULL,
  sender          INT8 NOT NULL,
  reply_to        INT8,
  timestamp       INT8,
  edited_at       INT8,
  writer          INT2 NOT NULL,
  deleted         BOOL NOT NULL,
  kind            TEXT NOT NULL,  -- text, image, ... as in msg/types.h MessageKind
  client_id       TEXT NOT NULL,  -- '' when the sender gave none
  content         TEXT NOT NULL,
  PRIMARY KEY (conversation_id, seq)
) PARTITION BY HASH (conversation_id);

-- Every 128th message of a conversation: finds a moment without an index over all messages.
CREATE TABLE time_mark (
  conversation_id INT8 NOT NULL,
  version         INT8 NOT NULL,
  seq             INT8 NOT NULL,
  writer          INT2 NOT NULL,
  PRIMARY KEY (conversation_id, version)
);

-- What makes a repeated send find its first answer. Lives as long as the message.
CREATE TABLE idempotency (
  conversation_id INT8  NOT NULL,
  sender          INT8  NOT NULL,
  seq             INT8  NOT NULL,
  client_id       TEXT  COLLATE "C" NOT NULL,
  request_hash    BYTEA NOT NULL,
  PRIMARY KEY (conversation_id, sender, client_id)
) PARTITION BY HASH (conversation_id);

CREATE TABLE session (
  user_id     INT8  NOT NULL,
  id          INT8  NOT NULL,
  created_at  INT8  NOT NULL,
  token_hash  BYTEA NOT NULL,
  device_name TEXT  NOT NULL,
  PRIMARY KEY (user_id, id)
);

-- The way from a token to its session.
CREATE TABLE session_token (
  token_hash BYTEA PRIMARY KEY,
  user_id    INT8  NOT NULL,
  session_id INT8  NOT NULL
);

-- Few and global.
CREATE TABLE api_key (
  id          INT8  PRIMARY KEY,
  created_at  INT8  NOT NULL,
  secret_hash BYTEA NOT NULL UNIQUE,
  name        TEXT  NOT NULL
);

-- For people; the library does not use it.
CREATE VIEW message_view AS
SELECT conversation_id || '-' || seq AS id, conversation_id, seq,
       to_timestamp((version >> 16) / 1000.0) AS created_at,
       sender, kind, content, reply_to,
       to_timestamp(timestamp / 1000.0) AS timestamp,
       to_timestamp(edited_at / 1000.0) AS edited_at,
       deleted, client_id, version, writer
FROM message;
)sql";

// What a store needs to be a copy of another one.
constexpr const char* kCopies = R"sql(
-- How far a copy has come: a row while it is not complete.
CREATE TABLE import_state (
  id    INT8  PRIMARY KEY CHECK (id = 1),
  state BYTEA NOT NULL
);
)sql";

// Messages that change after they were sent. Plain sending writes none of it. See the comments of
// store/sqlite/schema.cpp.
constexpr const char* kChanges = R"sql(
ALTER TABLE message ADD COLUMN changed INT8;
ALTER TABLE conversation ADD COLUMN changes INT8 NOT NULL DEFAULT 0;

CREATE TABLE message_change (
  conversation_id INT8 NOT NULL,
  version         INT8 NOT NULL,
  seq             INT8 NOT NULL,
  writer          INT2 NOT NULL,
  PRIMARY KEY (conversation_id, version)
);

CREATE TABLE revision (
  conversation_id INT8  NOT NULL,
  seq             INT8  NOT NULL,
  revisions       BYTEA NOT NULL,
  PRIMARY KEY (conversation_id, seq)
);

ALTER TABLE message ADD COLUMN extras BYTEA;
ALTER TABLE member ADD COLUMN extras BYTEA;
ALTER TABLE conversation ADD COLUMN pins BYTEA;

CREATE TABLE annotation (
  conversation_id INT8  NOT NULL,
  seq             INT8  NOT NULL,
  user_id         INT8  NOT NULL,
  annotation      BYTEA NOT NULL,
  PRIMARY KEY (conversation_id, seq, user_id)
);
)sql";

// What is of one's own, and what tells a cursor of a lost past. See store/sqlite/schema.cpp.
constexpr const char* kOwn = R"sql(
ALTER TABLE member ADD COLUMN own BYTEA;
ALTER TABLE user_account ADD COLUMN read_receipts BOOL NOT NULL DEFAULT true;
ALTER TABLE session ADD COLUMN last_seen_at INT8 NOT NULL DEFAULT 0;

CREATE TABLE life (
  writer       INT8 NOT NULL,
  from_version INT8 NOT NULL,
  tag          INT8 NOT NULL,
  PRIMARY KEY (writer, from_version)
);
)sql";

// When a user was there, and who may know.
constexpr const char* kPresence = R"sql(
ALTER TABLE user_account ADD COLUMN presence_to TEXT NOT NULL DEFAULT 'contacts';
ALTER TABLE user_account ADD COLUMN last_seen INT8;
)sql";

// What processes that keep lists of conversations in memory need to hear of each other.
constexpr const char* kLists = R"sql(
-- A commit that changes lists of conversations: whose activity rose, who joined or left any. The
-- latest few hundred of each writer; see store/postgres/list_log.h.
CREATE TABLE list_change (
  writer        INT8   NOT NULL,
  version       INT8   NOT NULL,
  conversations INT8[] NOT NULL,
  users         INT8[] NOT NULL,
  PRIMARY KEY (writer, version)
);

-- It tells everything after listed_from, and up to listed_to; where that is not last_version,
-- somebody has written who does not tell.
ALTER TABLE writer ADD COLUMN listed_from INT8 NOT NULL DEFAULT 0;
ALTER TABLE writer ADD COLUMN listed_to INT8 NOT NULL DEFAULT 0;
)sql";

// Small things that belong to a user, a conversation or a phone number. See store/side_record.h.
constexpr const char* kSideRecords = R"sql(
CREATE TABLE side_record (
  kind       INT8  NOT NULL,
  owner      INT8  NOT NULL,
  expires_at INT8,
  key        BYTEA NOT NULL,
  value      BYTEA NOT NULL,
  PRIMARY KEY (kind, owner, key)
) WITH (fillfactor = 80);

-- What has expired is found without reading all that has not.
CREATE INDEX side_record_expiry ON side_record (expires_at, kind, owner, key)
WHERE expires_at IS NOT NULL;
)sql";

// Groups whose newcomers read what was said before: the live feed must know of whom it is true.
constexpr const char* kHistory = R"sql(
ALTER TABLE membership ADD COLUMN with_history BOOL NOT NULL DEFAULT false;
)sql";

// What an API key may do, by bits (msg/api_keys.h). Those that were there may do everything.
constexpr const char* kKeyScopes = R"sql(
ALTER TABLE api_key ADD COLUMN scopes INT8 NOT NULL DEFAULT 7;
)sql";

// Which process has which Options::node, and until when. See node_lease.h.
constexpr const char* kNodeLeases = R"sql(
CREATE TABLE node_lease (
  node       INT8 PRIMARY KEY,
  holder     INT8 NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50);

-- Migration::oldest. NULL: the number itself.
ALTER TABLE schema_number ADD COLUMN oldest INT8;
)sql";

std::string partitions_of(const std::string& table, int count) {
  std::string sql;
  for (int i = 0; i < count; ++i) {
    sql += "CREATE TABLE " + table + "_p" + std::to_string(i);
    sql += " PARTITION OF " + table;
    sql += " FOR VALUES WITH (MODULUS " + std::to_string(count);
    sql += ", REMAINDER " + std::to_string(i) + ");";
  }
  return sql;
}

}  // namespace

std::vector<Migration> migrations(int partitions) {
  return {
      {"users, conversations, members, messages, sessions, keys",
       kInitial + partitions_of("message", partitions) + partitions_of("idempotency", partitions)},
      {"copies of stores", kCopies},
      {"edits, deletions, reactions, pins", kChanges},
      {"what is a member's own; lives of writers", kOwn},
      {"presence", kPresence},
      {"lists kept in memory", kLists},
      {"side records", kSideRecords},
      {"history for newcomers", kHistory},
      {"scopes of keys", kKeyScopes},
      {"leases of node numbers; which programs a schema serves", kNodeLeases}};
}

}  // namespace msg::postgres
