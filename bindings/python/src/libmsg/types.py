# SPDX-License-Identifier: Apache-2.0
"""What libmsg tells: users, conversations, messages, receipts, sessions.

All of it is frozen: what you hold is how it was when you were told. Ids are ``int``; only a message
is named by two, see :class:`MessageId`. Times are aware ``datetime`` in UTC, to the millisecond.
A ``repr`` shows ids and states, never what people wrote, and never a secret, so that it may be
logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

__all__ = [
    "Activity",
    "ApiKey",
    "Audience",
    "AuditEntry",
    "Block",
    "CodeRequested",
    "Conversation",
    "ConversationDelta",
    "ConversationEvent",
    "ConversationKind",
    "ConversationView",
    "Event",
    "Forward",
    "GroupNews",
    "GroupRules",
    "HideEvent",
    "Invitation",
    "JoinRequest",
    "KeyScope",
    "Member",
    "MemberEvent",
    "MemberReaction",
    "Message",
    "MessageChangeEvent",
    "MessageEvent",
    "MessageId",
    "MessageKind",
    "MessageState",
    "MessageStatus",
    "NewApiKey",
    "NewSession",
    "NewTicket",
    "Notification",
    "NotificationKind",
    "Order",
    "Page",
    "PersonPresence",
    "Pin",
    "Preferences",
    "PreferencesEvent",
    "PresenceEvent",
    "PresenceState",
    "Principal",
    "Profile",
    "Quote",
    "ReactionChange",
    "ReactionCount",
    "Reactor",
    "Receipt",
    "ReceiptEvent",
    "RecipientStatus",
    "Resumed",
    "Revision",
    "Role",
    "Session",
    "SignedIn",
    "SyncEvent",
    "SyncPage",
    "TypingEvent",
    "UnreadEvent",
    "UnreadMark",
    "User",
]

Item = TypeVar("Item")


class MessageId(NamedTuple):
    """Names a message everywhere: its conversation and its place there, 1, 2, 3 …

    >>> str(MessageId(17, 4))
    '17-4'
    >>> MessageId.parse("17-4").seq
    4
    """

    conversation: int
    seq: int

    def __str__(self) -> str:
        return f"{self.conversation}-{self.seq}"

    @classmethod
    def parse(cls, text: str) -> MessageId:
        """The id that ``str`` of it gave; ValueError for anything else."""
        conversation, dash, seq = text.partition("-")
        if not (dash and conversation.isdecimal() and seq.isdecimal()):
            raise ValueError(f"not the id of a message: {text!r}")
        return cls(int(conversation), int(seq))


class Audience(StrEnum):
    """Who may learn whether somebody is there; contacts share a direct conversation."""

    NOBODY = "nobody"
    CONTACTS = "contacts"
    EVERYONE = "everyone"


class ConversationKind(StrEnum):
    DIRECT = "direct"
    GROUP = "group"


class MessageKind(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    FILE = "file"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    SYSTEM = "system"
    CUSTOM = "custom"
    ENCRYPTED = "encrypted"


class MessageState(StrEnum):
    """How far a message got. They are not ordered as text; ``list(MessageState)`` is in order."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


class Role(StrEnum):
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class Order(StrEnum):
    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"


class Activity(StrEnum):
    TYPING = "typing"
    RECORDING = "recording"


class Resumed(StrEnum):
    """What a device has once it has taken in all pages behind its cursor.

    ``complete``: all that it had, brought up to date. ``beginning``: all there is.
    """

    COMPLETE = "complete"
    BEGINNING = "beginning"


class KeyScope(StrEnum):
    ACT_AS_USER = "act_as_user"
    ADMIN = "admin"
    READ_METRICS = "read_metrics"


class PresenceState(StrEnum):
    OFFLINE = "offline"
    AWAY = "away"
    ONLINE = "online"


class NotificationKind(StrEnum):
    MESSAGE = "message"
    MENTION = "mention"
    GROUP = "group"
    ALERT = "alert"


class GroupNews(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    ROLE_CHANGED = "role_changed"


class Profile(StrEnum):
    """What kind of program a store lives in, for stores whose caches are libmsg's to size."""

    SERVER = "server"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class User:
    id: int
    #: E.164, "+14155550100"; None where it is not for you to know, or lost.
    phone: str | None = field(repr=False)
    username: str | None
    display_name: str = field(repr=False)
    about: str = field(repr=False)
    avatar: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    #: None, as the next, where it is not for you to know.
    read_receipts: bool | None
    presence_to: Audience | None


@dataclass(frozen=True, slots=True)
class ReactionCount:
    """How many members gave a message one kind of reaction."""

    emoji: str
    count: int


@dataclass(frozen=True, slots=True)
class ReactionChange:
    """What one member has just done, of a changed message."""

    user: int
    emoji: str
    removed: bool


@dataclass(frozen=True, slots=True)
class Pin:
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a message comes from: passed on ``hops`` times."""

    hops: int
    #: For whoever forwarded it.
    origin: MessageId | None


@dataclass(frozen=True, slots=True)
class Quote:
    """Enough of an answered message to show it, as it is now."""

    sender: int
    kind: MessageKind
    excerpt: str = field(repr=False)
    deleted: bool


@dataclass(frozen=True, slots=True)
class Message:
    id: MessageId
    sender: int
    kind: MessageKind
    content: str = field(repr=False)
    created_at: datetime
    #: Rises with every change in the conversation.
    version: int = field(repr=False)
    #: Seq of a message of the same conversation.
    reply_to: int | None = None
    #: The sender's own clock, kept as given.
    timestamp: datetime | None = field(default=None, repr=False)
    mentions: tuple[int, ...] = ()
    forward: Forward | None = None
    #: The sender's idempotency key; empty for other readers.
    client_id: str = field(default="", repr=False)
    #: Version of its last change; None: it is as it was sent.
    changed: int | None = field(default=None, repr=False)
    edited_at: datetime | None = None
    #: For everyone: a tombstone.
    deleted: bool = False
    #: For you alone: it looks like a tombstone.
    hidden: bool = False
    reactions: tuple[ReactionCount, ...] = ()
    #: Yours; None where nobody was asked on whose behalf.
    own_reactions: tuple[str, ...] | None = None
    pin: Pin | None = None
    quote: Quote | None = None
    #: How far it got; for its sender, in pages of history.
    state: MessageState | None = None

    @property
    def conversation(self) -> int:
        return self.id.conversation

    @property
    def seq(self) -> int:
        return self.id.seq


@dataclass(frozen=True, slots=True)
class GroupRules:
    """Who may do what in a group; a role stands for those above it, too."""

    send: Role
    add: Role
    rename: Role
    pin: Role
    #: Between two messages of a member who is no admin.
    slow_mode: timedelta
    history_for_newcomers: bool
    #: 0: the limit of the store.
    members_max: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """What every member may know of a conversation."""

    id: int
    kind: ConversationKind
    #: Empty for direct.
    title: str = field(repr=False)
    #: The two users of a direct conversation.
    direct_users: tuple[int, ...]
    created_by: int
    created_at: datetime
    #: Of the newest message; 0: none.
    last_seq: int
    member_count: int
    version: int = field(repr=False)
    #: Of groups.
    rules: GroupRules | None = None
    #: Direct: who has not accepted it yet.
    awaits: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a conversation; everything up to ``read`` is read, up to ``delivered`` delivered."""

    conversation: int
    user: int
    role: Role
    active: bool
    visible_from: int
    visible_until: int | None
    delivered: int
    read: int
    delivered_at: datetime | None
    read_at: datetime | None
    joined_at: datetime
    version: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a user wants to have a conversation shown; nobody else learns of it."""

    pinned: bool = False
    archived: bool = False
    #: May have passed.
    muted_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One conversation as one user sees it in the list."""

    conversation: Conversation
    #: The user's own membership.
    own: Member
    last_message: Message | None
    unread_count: int
    #: Exact up to 100, which means "or more".
    mention_count: int
    #: Seqs, the latest pin last.
    pinned: tuple[int, ...] = ()
    unread_from: int | None = None
    preferences: Preferences = Preferences()


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """How far a message got, over all recipients."""

    id: MessageId
    state: MessageState
    recipient_count: int
    delivered_count: int
    read_count: int


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    user: int
    state: MessageState
    delivered_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One recipient's receipt for a message."""

    user: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberReaction:
    emoji: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reactor:
    """What one member gave a message, in the order of giving."""

    user: int
    reactions: tuple[MemberReaction, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of a message's content: who, when, and what was there before."""

    by: int
    at: datetime
    version: int = field(repr=False)
    #: Else an edit.
    deletion: bool
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnreadMark:
    conversation: int
    unread_from: int | None
    unread_count: int


@dataclass(frozen=True, slots=True)
class Invitation:
    token: str = field(repr=False)
    conversation: int
    created_by: int
    created_at: datetime
    expires_at: datetime | None
    #: None: any number.
    uses_left: int | None
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class JoinRequest:
    conversation: int
    user: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    user: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonPresence:
    user: int
    state: PresenceState
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Notification:
    #: For ``mark_notifications_read``.
    id: str
    kind: NotificationKind
    at: datetime
    conversation: int | None = None
    #: Of messages and mentions: how many.
    count: int | None = None
    last_message: Message | None = None
    news: GroupNews | None = None
    by: int | None = None
    role: Role | None = None
    #: Of alerts.
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A login of a user on one device."""

    id: int
    user: int
    device_name: str = field(repr=False)
    created_at: datetime
    #: At most ten minutes too early.
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    session: Session
    #: Shown once; only its hash is kept.
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewTicket:
    """Stands for a session once, for half a minute: what a browser puts into a URL."""

    ticket: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeRequested:
    """A code is on its way to a telephone, or withheld: nobody is told which."""

    request_id: str = field(repr=False)
    lifetime: timedelta
    resend_after: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    session: NewSession
    user: User
    is_new_user: bool


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: int
    name: str
    scopes: frozenset[KeyScope]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewApiKey:
    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who stands behind a token: a user's session, or a backend's key."""

    session: Session | None
    key: ApiKey | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One administrative act."""

    id: int
    at: datetime
    act: str
    #: The key; None: the operator, at the store.
    by: int | None
    by_name: str | None
    address: str | None
    user: int | None
    session: int | None
    key: int | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, and how to go on in both directions."""

    items: tuple[Item, ...]
    #: Cursor behind the last item.
    next: str = field(repr=False)
    #: Cursor before the first item.
    prev: str = field(repr=False)
    has_more: bool
    has_prev: bool


@dataclass(frozen=True, slots=True)
class ConversationDelta:
    """What changed in one conversation since a cursor. Applying it twice is harmless."""

    view: ConversationView
    #: New and changed ones, oldest first.
    messages: tuple[Message, ...]
    #: First and last seq of older new messages that were left out: read them by history.
    missing: tuple[int, int] | None
    #: Old messages that changed and were left out lie in here.
    stale: tuple[int, int] | None
    members: tuple[Member, ...]
    #: More changed than a page holds: list the members again.
    more_members: bool


@dataclass(frozen=True, slots=True)
class SyncPage:
    conversations: tuple[ConversationDelta, ...]
    cursor: str = field(repr=False)
    #: Call again at once to be up to date.
    has_more: bool
    resumed: Resumed


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as one user is told of it.

    ``cursor`` includes this change: keep it, and begin there again. It is empty for what is never
    stored, and where later events of the same change follow.
    """

    conversation: int
    cursor: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageEvent(Event):
    message: Message


@dataclass(frozen=True, slots=True)
class MessageChangeEvent(Event):
    """A message that was there is another now: edited, deleted, reacted to, pinned."""

    message: Message
    #: If it was one.
    reaction: ReactionChange | None = None


@dataclass(frozen=True, slots=True)
class MemberEvent(Event):
    """Joined, left, or got another role."""

    member: Member


@dataclass(frozen=True, slots=True)
class ReceiptEvent(Event):
    """Watermarks of a member rose."""

    member: Member


@dataclass(frozen=True, slots=True)
class ConversationEvent(Event):
    """Made, renamed, accepted, or its rules changed."""

    changed: Conversation


@dataclass(frozen=True, slots=True)
class HideEvent(Event):
    """You deleted a message for yourself, on any device."""

    message: MessageId


@dataclass(frozen=True, slots=True)
class UnreadEvent(Event):
    """Your own mark that a conversation is unread was set, moved or taken away."""

    mark: UnreadMark


@dataclass(frozen=True, slots=True)
class PreferencesEvent(Event):
    """You want to have a conversation shown otherwise, on any device."""

    preferences: Preferences


@dataclass(frozen=True, slots=True)
class TypingEvent(Event):
    """Somebody is about to say something, for ``expires_in`` at most."""

    user: int
    expires_in: timedelta
    activity: Activity


@dataclass(frozen=True, slots=True)
class SyncEvent(Event):
    """More changed than is told one by one: take this delta in, as after ``sync``."""

    delta: ConversationDelta


@dataclass(frozen=True, slots=True)
class PresenceEvent(Event):
    """Some of those asked about came or went. Its ``conversation`` is 0."""

    users: tuple[PersonPresence, ...]
