# SPDX-License-Identifier: Apache-2.0
"""Messages, and how far they got."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .names import GroupNews, MessageId, MessageKind, MessageState, NotificationKind, Role


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
