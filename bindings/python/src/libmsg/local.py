# SPDX-License-Identifier: Apache-2.0
"""What only the library in your own process takes and tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict

from .types import MessageKind, Profile, User

__all__ = [
    "CheckReport",
    "CopyReport",
    "Draft",
    "ExternalId",
    "Limits",
    "Options",
    "PhoneChanged",
    "Progress",
    "SignInCounters",
]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be sent, as ``send_many`` takes it; see ``Messenger.send``.

    >>> Draft(17, 4, "hi", client_id="once")
    Draft(sender=17, conversation=4, kind=<MessageKind.TEXT: 'text'>, reply_to=None)
    """

    sender: int
    conversation: int
    content: str = field(repr=False)
    kind: MessageKind | str = MessageKind.TEXT
    reply_to: int | None = None
    timestamp: datetime | None = field(default=None, repr=False)
    client_id: str = field(default="", repr=False)
    mentions: tuple[int, ...] = field(default=(), repr=False)


class Limits(TypedDict, total=False):
    """Sizes at which a request is refused; what is left out stays as it is."""

    content_bytes_max: int
    client_id_bytes_max: int
    title_characters_max: int
    display_name_characters_max: int
    about_characters_max: int
    avatar_bytes_max: int
    device_name_characters_max: int
    group_members_max: int
    sessions_per_user_max: int
    page_size_max: int
    page_size_default: int
    sync_messages_max: int
    page_bytes_max: int
    reaction_bytes_max: int
    reaction_kinds_max: int
    pins_max: int
    mentions_max: int
    edit_age_max: timedelta
    delete_age_max: timedelta
    receipt_fanout_members_max: int


class Options(TypedDict, total=False):
    """The keywords of ``libmsg.open``; what is left out has the default of ``msg/options.h``."""

    limits: Limits
    #: Part of every id: 0 to 1023, different in every process that shares a store.
    node: int
    #: Whether who begins a direct conversation waits for the other to accept it.
    direct_needs_acceptance: bool
    audit_age_max: timedelta
    session_idle_max: timedelta
    session_age_max: timedelta
    #: Writes that wait for a commit, and their bytes; one more is Overloaded.
    commit_queue_max: int
    commit_queue_bytes_max: int
    commit_batch_max: int
    #: False refuses to open a store of an older schema.
    migrate: bool
    readers: int
    profile: Profile | str
    store_memory_bytes: int
    list_cache_from: int
    list_cache_max: int
    #: Where time comes from, called by any thread; should it raise, it is the system's.
    clock: Callable[[], datetime] | None
    #: Receives a line per event worth attention, on any thread; must not call the messenger.
    log: Callable[[str], object] | None


class ExternalId(NamedTuple):
    """How another program names a user."""

    issuer: str
    subject: str


class PhoneChanged(NamedTuple):
    user: User
    #: Ids of the user's other sessions, which have ended.
    ended: tuple[int, ...]


class SignInCounters(NamedTuple):
    """What happened since it was opened, for an operator."""

    requested: int
    sent: int
    send_failures: int
    withheld: int
    refused_address: int
    refused_overload: int
    verified: int
    wrong_codes: int
    wrong_pins: int
    #: Of the last hour; None: too few were sent.
    conversion_percent: int | None
    conversion_alarm: bool


class Progress(NamedTuple):
    """How far copying, comparing or checking has come."""

    stage: str
    table: str
    rows: int
    #: In all, where that is known, else 0.
    expected: int


class CopyReport(NamedTuple):
    was_resumed: bool
    was_complete: bool
    rows: int
    messages: int
    is_verified: bool
    difference_count: int
    #: Sentences with ids, never with content.
    differences: tuple[str, ...]


class CheckReport(NamedTuple):
    users: int
    sessions: int
    api_keys: int
    conversations: int
    members: int
    messages: int
    idempotency_keys: int
    problem_count: int
    #: Sentences with ids, never with content.
    problems: tuple[str, ...]
