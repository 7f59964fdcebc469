// SPDX-License-Identifier: Apache-2.0
// Made by tools/generate_types.mjs from server/http/openapi.json and server/live/asyncapi.json.

/** Id of a user, conversation, session or key. */
export type Id = string;

/** Conversation and seq. */
export type MessageId = string;

/** RFC 3339. Answers are in UTC with milliseconds; requests may have any offset. */
export type Time = string;

/** Place of a message in its conversation: 1, 2, 3 … without a hole; 0 is before the first. */
export type Seq = number;

/** Rises with every change. */
export type Version = string;

export type MessageKind = 'text' | 'image' | 'video' | 'audio' | 'voice' | 'file' | 'sticker' | 'location' | 'contact' | 'poll' | 'system' | 'custom' | 'encrypted';

export type SendableKind = 'text' | 'image' | 'video' | 'audio' | 'voice' | 'file' | 'sticker' | 'location' | 'contact' | 'poll' | 'custom' | 'encrypted';

export type MessageState = 'sent' | 'delivered' | 'read';

export type Role = 'member' | 'admin' | 'owner';

export interface User {
  id: Id;
  /** E.164. Null unless you are that user or a key. */
  phone: string | null;
  username: string | null;
  display_name: string;
  about: string;
  avatar: string;
  /** Who learns whether you are there. Null unless you are that user or a key. */
  presence_to: 'everyone' | 'contacts' | 'nobody' | null;
  created_at: Time;
  updated_at: Time;
  /** False: others are not told what this user reads, nor this user what they read. Null unless you are that user or a key. */
  read_receipts: boolean | null;
}

/** contacts: who shares a direct conversation. */
export type Audience = 'everyone' | 'contacts' | 'nobody';

export interface Presence {
  user_id: Id;
  state: 'online' | 'away' | 'offline';
  /** Null when online, never seen, or not for you to know. */
  last_seen: string | null;
}

export interface PresenceList {
  users: Presence[];
}

export interface Conversation {
  id: Id;
  kind: 'direct' | 'group';
  /** Null when direct, and to former members. */
  title: string | null;
  /** Empty for a group. */
  direct_user_ids: Id[];
  created_by: Id;
  created_at: Time;
  last_seq: Seq;
  /** 0 to former members. */
  member_count: number;
  /** Null when direct; to former members as of a new group. */
  rules: Rules | null;
  /** Who has not accepted this direct conversation yet. */
  awaits: Id | null;
  version: Version;
}

/** The least role that may do each thing, and limits. */
export interface Rules {
  send: Role;
  add: Role;
  rename: Role;
  pin: Role;
  /** Seconds between two messages of a member who is no admin. */
  slow_mode_s: number;
  /** Of those who join from now on. */
  history_for_newcomers: boolean;
  /** 0: as many as the server allows. */
  members_max: number;
}

/** What is absent or null stays as it is. */
export interface RulesPatch {
  send?: Role;
  add?: Role;
  rename?: Role;
  pin?: Role;
  /** Seconds between two messages of a member who is no admin. */
  slow_mode_s?: number;
  /** Of those who join from now on. */
  history_for_newcomers?: boolean;
  /** 0: as many as the server allows. */
  members_max?: number;
}

export type InvitationToken = string;

export interface Invitation {
  token: InvitationToken;
  conversation_id: Id;
  created_by: Id;
  created_at: Time;
  expires_at: Time | null;
  /** Null: any number. */
  uses_left: number | null;
  needs_approval: boolean;
}

export interface InvitationList {
  items: Invitation[];
}

export interface NewInvitation {
  /** Seconds; none: until it is revoked. */
  lifetime_s?: number | null;
  /** None: any number. */
  uses_max?: number | null;
  needs_approval?: boolean;
}

export interface JoinByInvitation {
  token: InvitationToken;
}

export interface Asked {
  status: 'asked';
}

export interface JoinRequest {
  conversation_id: Id;
  user_id: Id;
  at: Time;
}

export interface JoinRequestPage {
  items: JoinRequest[];
  page: PageInfo;
}

export interface Block {
  user_id: Id;
  at: Time;
}

export interface BlockPage {
  items: Block[];
  page: PageInfo;
}

export interface Member {
  conversation_id: Id;
  user_id: Id;
  role: Role;
  active: boolean;
  visible_from: Seq;
  visible_until: Seq | null;
  delivered: Seq;
  read: Seq;
  delivered_at: Time | null;
  read_at: Time | null;
  joined_at: Time;
  version: Version;
}

export interface Message {
  id: MessageId;
  conversation_id: Id;
  seq: Seq;
  sender_id: Id;
  kind: MessageKind;
  content: string;
  reply_to: Seq | null;
  timestamp: Time | null;
  /** For the sender only. */
  client_id: string | null;
  version: Version;
  created_at: Time;
  /** Version of its last change; null: it is as it was sent. */
  changed: Version | null;
  edited_at: Time | null;
  deleted: boolean;
  /** Members who are called; absent when nobody is. */
  mentions?: Id[];
  /** It was written elsewhere; absent when it was not. */
  forwarded?: {
    /** How often it was passed on. */
    hops: number;
    /** What it was made from; for the sender only. Others ask for the origin. */
    message_id?: MessageId;
  };
  /** Absent when there are none. */
  reactions?: ReactionCount[];
  /** Those of the reader; in history, sync and a message that was asked for, when reactions are there. */
  own_reactions?: Emoji[];
  /** True when the reader deleted it for themselves: nothing of it is left for them. Else absent. */
  hidden?: boolean;
  /** Who pinned it and when; absent when nobody did. */
  pinned?: {
    user_id: Id;
    at: Time;
  };
  quote?: Quote;
  /** How far it got; for the sender, in answers to a send and in history. */
  status: MessageState | null;
}

export interface Revision {
  user_id: Id;
  at: Time;
  version: Version;
  /** Else an edit. */
  deletion: boolean;
  /** What it replaced; empty once the message is deleted. */
  content: string;
}

/** Text of at most 64 bytes, without spaces and control characters. */
export type Emoji = string;

/** What reply_to says now; in history, sync, events of new messages and a message that was asked for, if the reader may read it. */
export interface Quote {
  sender_id: Id;
  kind: MessageKind;
  /** Of a text the first 240 bytes, in whole characters; else empty. */
  excerpt: string;
  deleted: boolean;
}

export interface ReactionCount {
  emoji: Emoji;
  count: number;
}

export interface Reactor {
  user_id: Id;
  reactions: {
    emoji: Emoji;
    at: Time;
  }[];
}

export interface View {
  conversation: Conversation;
  self: Member;
  last_message: Message | null;
  unread_count: number;
  /** Unread messages that mention the reader; 100 means or more. */
  mention_count: number;
  /** Pinned messages that the reader may read, the latest pin last. */
  pinned: Seq[];
  /** From where you marked it unread again. */
  unread_from: Seq | null;
  preferences: Preferences;
}

/** How you want to have a conversation shown; lists are not sorted by it. */
export interface Preferences {
  pinned: boolean;
  archived: boolean;
  /** May have passed. */
  muted_until: Time | null;
}

export interface PreferencesPatch {
  pinned?: boolean;
  archived?: boolean;
  /** In the year 9999 at the latest; null, or a time that has passed, unmutes. */
  muted_until?: Time | null;
  user_id?: Id;
}

export interface NodeStatus {
  /** Part of the ids it makes. */
  node: number;
  /** It is the one that answers. */
  self: boolean;
  /** It has not been heard of for too long. What is said of it is old. */
  silent: boolean;
  version: string;
  /** Name of its machine. */
  host: string;
  /** Where it listens. */
  address: string;
  started_at: Time;
  /** When it was last heard, by the clock of the one that answers. */
  seen_at: Time;
  connections: number;
  /** Messages acknowledged, between its last two reports. */
  sends_per_second: number;
  /** Frames and stream events sent to clients, likewise. */
  frames_per_second: number;
  /** Its store can be read and written. */
  store_ready: boolean;
  /** Null: it has none. */
  bus_connected: boolean | null;
  /** Null: it has none. */
  cache_connected: boolean | null;
}

export interface NodeStatusList {
  items: NodeStatus[];
}

export interface LogLines {
  items: {
    time: Time;
    level: 'warn' | 'error';
    event: string;
  }[];
}

export interface Recipient {
  user_id: Id;
  status: MessageState;
  delivered_at: Time | null;
  read_at: Time | null;
}

export interface Status {
  message_id: MessageId;
  status: MessageState;
  recipient_count: number;
  delivered_count: number;
  read_count: number;
  /** The first 50. */
  recipients: Recipient[];
}

export interface Session {
  id: Id;
  user_id: Id;
  device_name: string;
  created_at: Time;
  /** Its last use, at most ten minutes too early. */
  last_seen_at: Time;
  /** In lists: whether it is the one that asks. */
  current?: boolean;
}

export interface Key {
  id: Id;
  name: string;
  scopes: KeyScopes;
  created_at: Time;
}

export interface Delta {
  view: View;
  messages: Message[];
  /** New messages left out; read them by history. */
  missing: {
    from: Seq;
    to: Seq;
  } | null;
  /** Old messages that changed and were left out lie in here: read those again that you keep. */
  stale: {
    from: Seq;
    to: Seq;
  } | null;
  members: Member[];
  /** More than 200 members changed: list them. `members` has one's own only then. */
  more_members: boolean;
}

export interface SyncPage {
  conversations: Delta[];
  cursor: string;
  has_more: boolean;
  /** What you have once all pages are taken in: all you had, brought up to date, or all there is. A cursor that cannot be resumed from is an error. */
  resumed: 'complete' | 'beginning';
}

export interface PageInfo {
  next: string | null;
  prev: string | null;
  has_more: boolean;
  has_prev: boolean;
}

export interface UserPage {
  items: User[];
  page: PageInfo;
}

export interface ViewPage {
  items: View[];
  page: PageInfo;
}

export interface MemberPage {
  items: Member[];
  page: PageInfo;
}

export interface MessagePage {
  items: Message[];
  page: PageInfo;
}

export interface Receipt {
  user_id: Id;
  at: Time | null;
}

export interface ReceiptPage {
  items: Receipt[];
  page: PageInfo;
}

export interface UnreadMark {
  conversation_id: Id;
  unread_from: Seq | null;
  unread_count: number;
}

export interface RecipientPage {
  items: Recipient[];
  page: PageInfo;
}

export interface MessageList {
  items: Message[];
}

export interface ReactorPage {
  items: Reactor[];
  page: PageInfo;
}

export interface NewSession {
  session: Session;
  token: string;
}

export interface NewKey {
  key: Key;
  secret: string;
}

export interface SessionList {
  items: Session[];
}

export interface KeyList {
  items: Key[];
}

export interface Health {
  status: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: 'malformed_request' | 'unauthenticated' | 'permission_denied' | 'not_found' | 'method_not_allowed' | 'not_acceptable' | 'unsupported_media_type' | 'request_timeout' | 'conflict' | 'length_required' | 'content_too_large' | 'uri_too_long' | 'header_too_large' | 'invalid_argument' | 'idempotency_conflict' | 'rate_limited' | 'overloaded' | 'unavailable' | 'internal' | 'not_implemented' | 'tls_required' | 'upgrade_required' | 'http_version_not_supported';
  detail: string;
  request_id: string;
  errors?: {
    /** JSON pointer into the body, ?name of a query parameter, or the name of a header. */
    pointer: string;
    detail: string;
  }[];
}

export type SendRequest = {
  sender_id?: Id;
  receiver_id?: Id;
  group_id?: Id;
  content: string;
  kind?: SendableKind;
  reply_to?: Seq;
  mentions?: Id[];
  timestamp?: Time;
  /** Idempotency key. */
  client_id?: string;
};

export interface SendToConversationRequest {
  sender_id?: Id;
  content: string;
  kind?: SendableKind;
  reply_to?: Seq;
  mentions?: Id[];
  timestamp?: Time;
  /** Idempotency key. */
  client_id?: string;
}

export interface MarkMessageRequest {
  user_id?: Id;
}

export interface MarkRequest {
  seq: number;
  user_id?: Id;
}

export type NewConversation = {
  kind: 'direct';
  user_id: Id;
} | {
  kind: 'direct';
  phone: string;
} | {
  kind: 'group';
  title: string;
  user_ids?: Id[];
};

export interface Rename {
  title: string;
}

export interface NewMember {
  user_id: Id;
  role?: Role;
}

export interface RoleChange {
  role: Role;
}

export interface NewUser {
  phone: string;
  username?: string | null;
  display_name?: string;
  about?: string;
  avatar?: string;
}

export interface UserPatch {
  phone?: string;
  /** Null or empty gives the name up. */
  username?: string | null;
  display_name?: string;
  about?: string;
  avatar?: string;
  read_receipts?: boolean;
  presence_to?: Audience;
}

export interface NewSessionRequest {
  device_name?: string;
}

export interface CodeRequest {
  /** International, any usual spelling. */
  phone: string;
  device_nonce: DeviceNonce;
}

/** Printable ASCII that the device made at random and keeps to itself; the code works with it only. */
export type DeviceNonce = string;

export interface CodeRequested {
  request_id: string;
  /** How long the code is good. */
  lifetime_s: number;
  /** Before that no other code is sent. */
  resend_after_s: number;
}

export interface PhoneProof {
  request_id: string;
  device_nonce: DeviceNonce;
  code: string;
}

export type SignInRequest = PhoneProof & {
  device_name?: string;
  /** Of an account that has one. */
  pin?: string;
  /** Instead of signing in to an account whose PIN is not known and that was not used lately. */
  begin_new_account?: boolean;
};

export interface JwtSignInRequest {
  /** A JWT (JWS in compact form): HS256, RS256, ES256 or EdDSA, as its key has it; with iss, aud, sub and exp. */
  token: string;
  device_name?: string;
}

export interface SignedIn {
  session: Session;
  /** Shown this once. */
  token: string;
  user: User;
  is_new_user: boolean;
}

export interface Pin {
  pin: string;
}

export interface SessionName {
  device_name: string;
}

export interface Ticket {
  /** Good once, as ?ticket=. */
  ticket: string;
  expires_at: Time;
}

export interface NewKeyRequest {
  name: string;
  /** No more than the key that asks has; all that it has when left out. */
  scopes?: KeyScopes;
}

export interface AuditEntry {
  id: Id;
  at: Time;
  act: 'key_created' | 'key_revoked' | 'user_created' | 'user_changed' | 'session_created' | 'session_renamed' | 'session_revoked' | 'alert_sent' | 'other';
  /** Null: the operator, with the store itself. */
  by_key_id: Id | null;
  /** Of that key. */
  by_name: string | null;
  /** Where from. */
  address: string | null;
  user_id: Id | null;
  session_id: Id | null;
  key_id: Id | null;
  /** Name and scopes of a key, names of the fields that were changed. */
  detail: string | null;
}

export interface AuditPage {
  items: AuditEntry[];
  page: PageInfo;
}

export type KeyScopes = ('act_as_user' | 'admin' | 'read_metrics')[];

export interface FormRegister {
  phoneNumber: string;
  deviceNonce?: DeviceNonce;
  requestId?: string;
  code?: string;
  pin?: string;
}

export interface FormCodeSent {
  status: 'code_sent';
  requestId: string;
  deviceNonce: DeviceNonce;
  expiresInSeconds: number;
  resendAfterSeconds: number;
}

export interface FormRegistered {
  status: 'registered';
  userId: Id;
  phoneNumber: string;
  /** Shown this once. */
  sessionToken: string;
  isNewUser: boolean;
}

export type FormSend = {
  receiverId?: Id;
  chatId?: Id;
  senderId?: Id;
  content: string;
  type?: SendableKind;
  /** Idempotency key. */
  clientId?: string;
};

export interface FormSent {
  messageId: MessageId;
  chatId: Id;
  status: MessageState;
  timestamp: Time;
}

export interface FormStatusUpdate {
  status: 'online' | 'away' | 'offline';
  userId?: Id;
}

export interface FormStatus {
  userId: Id;
  status: 'online' | 'away' | 'offline';
  expiresInSeconds: number;
}

export interface FormRecipient {
  /** A user's id, or a phone number with its plus. */
  recipient: string;
}

export interface Notification {
  id: string;
  kind: 'message' | 'mention' | 'group' | 'alert';
  at: Time;
  conversation_id: Id | null;
  count: number | null;
  last_message: Message | null;
  news: 'added' | 'removed' | 'role_changed' | null;
  by: Id | null;
  role: Role | null;
  text: string | null;
}

export interface NotificationPage {
  items: Notification[];
  page: PageInfo;
}

export type NotificationsRead = {
  ids?: string[];
  all?: true;
};

export interface NewAlert {
  user_ids: Id[];
  text: string;
  lifetime_s?: number;
}

/** The client's own; the reply has the same. */
export type RequestId = number;

/** Opaque. All a device needs to resume anywhere. */
export type Cursor = string;

export interface Greeting {
  user: User;
  session_id: Id | null;
  resumed: Resumed;
  limits: {
    frame_bytes: number;
  };
  ping_s: number;
}

/** What the device has once it is live: what it had, brought up to date; everything; nothing old. */
export type Resumed = 'complete' | 'beginning' | 'none';

/** When that is what changed. */
export interface ReactionChange {
  user_id: Id;
  emoji: Emoji;
  removed: boolean;
}

export interface FrameError {
  code: Problem['code'];
  detail: string;
  status: number;
  field: string | null;
  retry_after_ms: number | null;
}

/** A message in any conversation of the user, own ones included */
export interface MessageEvent {
  event: 'message';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  message: Message;
}

/** A message as it is now: edited, deleted, reacted to or pinned */
export interface MessageChangedEvent {
  event: 'message_changed';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  message: Message;
  reaction?: ReactionChange;
}

/** Somebody's delivered or read rose */
export interface ReceiptEvent {
  event: 'receipt';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  member: Member;
}

/** Joined, left, removed, or another role */
export interface MemberEvent {
  event: 'member';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  member: Member;
}

/** Made, renamed, or its members changed */
export interface ConversationEvent {
  event: 'conversation';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  conversation: Conversation;
}

/** One was deleted for oneself, on another device too */
export interface MessageHiddenEvent {
  event: 'message_hidden';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  message_id: MessageId;
}

/** A conversation was marked unread for oneself, or is not any more */
export interface UnreadEvent {
  event: 'unread';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  unread_from: Seq | null;
  unread_count: number;
}

/** One wants to have a conversation shown otherwise, on another device too */
export interface PreferencesEvent {
  event: 'preferences';
  conversation_id: Id;
  version: Version;
  cursor: Cursor;
  preferences: Preferences;
}

/** Somebody writes; void after expires_in_ms */
export interface TypingEvent {
  event: 'typing';
  conversation_id: Id;
  version: null;
  cursor: null;
  user_id: Id;
  expires_in_ms: number;
}

/** Somebody speaks; void after expires_in_ms */
export interface RecordingEvent {
  event: 'recording';
  conversation_id: Id;
  version: null;
  cursor: null;
  user_id: Id;
  expires_in_ms: number;
}

/** Of those asked for, whose state has changed */
export interface PresenceEvent {
  event: 'presence';
  users: Presence[];
}

/** One conversation as it is now, on the way to live */
export interface SyncEvent {
  event: 'sync';
  conversation: Delta;
  cursor: Cursor | null;
}

/** From here on everything comes as it happens */
export interface LiveEvent {
  event: 'live';
  cursor: Cursor;
  resumed: Resumed;
}

/** What a client asks for by `op`, and what it is answered. */
export interface Requests {
  /** First frame: who speaks, and from where on */
  'hello': { ask: {
    /** Else that of the upgrade's Authorization header. */
    token?: string;
    /** The last one taken in; "" is from the beginning; left out is nothing old. */
    cursor?: string;
    /** With an API key: the user to act as. */
    user_id?: Id;
  }; result: Greeting };
  /** Send a message; answered when it is durable */
  'send': { ask: {
    conversation_id?: Id;
    receiver_id?: Id;
    group_id?: Id;
    sender_id?: Id;
    content: string;
    kind?: SendableKind;
    reply_to?: Seq;
    mentions?: Id[];
    timestamp?: Time;
    /** Idempotency key. */
    client_id?: string;
  }; result: Message };
  /** Give a text of one's own another content */
  'edit': { ask: {
    message_id: MessageId;
    content: string;
  }; result: Message };
  /** Delete a message, for everyone or for oneself */
  'delete': { ask: {
    message_id: MessageId;
    for: 'everyone' | 'me';
  }; result: Message };
  /** Send a message of one conversation to another */
  'forward': { ask: {
    message_id: MessageId;
    conversation_id: Id;
    /** Idempotency key. */
    client_id?: string;
  }; result: Message };
  /** Add a reaction of one's own */
  'react': { ask: {
    message_id: MessageId;
    emoji: Emoji;
  }; result: Message };
  /** Take it back */
  'unreact': { ask: {
    message_id: MessageId;
    emoji: Emoji;
  }; result: Message };
  /** Pin a message in its conversation */
  'pin': { ask: {
    message_id: MessageId;
  }; result: Message };
  /** Take it down */
  'unpin': { ask: {
    message_id: MessageId;
  }; result: Message };
  /** This device has the messages up to this one */
  'delivered': { ask: {
    message_id?: MessageId;
    conversation_id?: Id;
    seq?: number;
  }; result: Member };
  /** The person has read up to this one */
  'read': { ask: {
    message_id?: MessageId;
    conversation_id?: Id;
    seq?: number;
  }; result: Member };
  /** Everything in all conversations is read */
  'read_all': { ask: Record<string, never>; result: {
    marked: number;
  } };
  /** Mark a conversation unread from this message on, for oneself */
  'unread': { ask: {
    message_id?: MessageId;
    conversation_id?: Id;
    seq?: number;
  }; result: UnreadMark };
  /** Who has received or read a message, and when */
  'receipts': { ask: {
    message_id: MessageId;
    state: 'delivered' | 'read';
    limit?: number;
    cursor?: Cursor;
  }; result: ReceiptPage };
  /** The user's sessions */
  'sessions': { ask: Record<string, never>; result: SessionList };
  /** Log a session out */
  'close_session': { ask: {
    session_id: Id;
  }; result: null };
  /** The person writes; may be dropped */
  'typing': { ask: {
    conversation_id: Id;
  }; result: null };
  /** The person speaks; may be dropped */
  'recording': { ask: {
    conversation_id: Id;
  }; result: null };
  /** Be told of these users from now on, and of nobody else */
  'presence': { ask: {
    user_ids: Id[];
  }; result: PresenceList };
  /** Whether this device is left alone */
  'away': { ask: {
    away: boolean;
  }; result: null };
  /** A page of a conversation */
  'history': { ask: {
    conversation_id: Id;
    limit?: number;
    cursor?: Cursor;
    order?: 'asc' | 'desc';
    before?: number;
    after?: number;
    around?: number;
    from?: Time;
    to?: Time;
  }; result: MessagePage };
  /** A page of the user's conversations */
  'conversations': { ask: {
    limit?: number;
    cursor?: Cursor;
  }; result: ViewPage };
  /** The conversation with another user, made where there is none */
  'open_direct': { ask: {
    user_id?: Id;
    username?: string;
  }; result: Conversation };
  /** Is anybody there */
  'ping': { ask: Record<string, never>; result: null };
}

export type LiveEventFrame =
  | MessageEvent
  | MessageChangedEvent
  | ReceiptEvent
  | MemberEvent
  | ConversationEvent
  | MessageHiddenEvent
  | UnreadEvent
  | PreferencesEvent
  | TypingEvent
  | RecordingEvent
  | PresenceEvent
  | SyncEvent
  | LiveEvent;
