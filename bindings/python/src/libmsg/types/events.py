# SPDX-License-Identifier: Apache-2.0
"""What happens, as one user is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from .conversations import Conversation, ConversationDelta, Member, Preferences, UnreadMark
from .messages import Message, ReactionChange
from .names import Activity, MessageId
from .people import PersonPresence


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
