# SPDX-License-Identifier: Apache-2.0
"""What is done for others, and noted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from .pages import Listing
from .types import Audience, AuditEntry, KeyScope, NewApiKey, NewSession, Session, User

if TYPE_CHECKING:
    from . import _libmsg


class Administration:
    """Acts of an operator or of a key; there is none without its note. See Messenger."""

    __slots__ = ("_by",)

    def __init__(self, by: _libmsg.Administrators) -> None:
        self._by = by

    def create_key(self, name: str, scopes: Iterable[KeyScope | str] | None = None) -> NewApiKey:
        """A key with these scopes, or with all that its maker has."""
        return self._by.create_key(name, None if scopes is None else tuple(scopes))

    def revoke_key(self, key: int) -> None:
        """It works no more."""
        return self._by.revoke_key(key)

    def register_user(
        self,
        phone: str,
        *,
        username: str | None = None,
        display_name: str = "",
        about: str = "",
        avatar: str = "",
    ) -> User:
        """Makes a user."""
        return self._by.register_user(phone, username, display_name, about, avatar)

    def update_user(
        self,
        user: int,
        *,
        phone: str | None = None,
        username: str | None = None,
        display_name: str | None = None,
        about: str | None = None,
        avatar: str | None = None,
        read_receipts: bool | None = None,
        presence_to: Audience | str | None = None,
    ) -> User:
        """Changes what is given."""
        return self._by.update_user(
            user, phone, username, display_name, about, avatar, read_receipts, presence_to
        )

    def create_session(self, user: int, device_name: str = "") -> NewSession:
        """A login of a user."""
        return self._by.create_session(user, device_name)

    def rename_session(self, user: int, session: int, device_name: str) -> Session:
        """Gives a device another name."""
        return self._by.rename_session(user, session, device_name)

    def revoke_session(self, user: int, session: int) -> None:
        """Ends one."""
        return self._by.revoke_session(user, session)

    def alert(
        self, users: Iterable[int], text: str, *, lifetime: timedelta = timedelta(days=30)
    ) -> None:
        """Tells all of these users something, or none of them."""
        return self._by.alert(tuple(users), text, lifetime)

    def list_audit(self, *, page_size: int | None = None) -> Listing[AuditEntry]:
        """What was done, the newest first."""
        return Listing(lambda cursor: self._by.list_audit(page_size or 0, cursor))
