# SPDX-License-Identifier: Apache-2.0
"""What things are called: ids of messages, and the words for kinds and states."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


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
