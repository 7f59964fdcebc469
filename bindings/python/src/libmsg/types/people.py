# SPDX-License-Identifier: Apache-2.0
"""Users, and what one of them may know of another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .names import Audience, PresenceState


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
class Block:
    user: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonPresence:
    user: int
    state: PresenceState
    last_seen: datetime | None
