# SPDX-License-Identifier: Apache-2.0
"""Conversations, their members, and what changed in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from .messages import Message
from .names import ConversationKind, Resumed, Role

Item = TypeVar("Item")


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
