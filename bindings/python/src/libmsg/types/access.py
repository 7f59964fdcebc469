# SPDX-License-Identifier: Apache-2.0
"""Who may do what on whose behalf: sessions, keys, and notes of their use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .names import KeyScope
from .people import User


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
