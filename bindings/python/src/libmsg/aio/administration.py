# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../administration.py: change that one.
"""What is done for others, and noted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from ..pages import AsyncListing
from ..types import Audience, AuditEntry, KeyScope, NewApiKey, NewSession, Session, User

if TYPE_CHECKING:
    from .. import _libmsg
    from ._base import Calls


class Administration:
    """Acts of an operator or of a key; there is none without its note. See Messenger."""

    __slots__ = ("_by", "_calls")

    def __init__(self, by: _libmsg.Administrators, calls: Calls) -> None:
        self._by = by
        self._calls = calls

    async def create_key(
        self, name: str, scopes: Iterable[KeyScope | str] | None = None
    ) -> NewApiKey:
        """A key with these scopes, or with all that its maker has."""
        return await self._calls._run(
            self._by.create_key, name, None if scopes is None else tuple(scopes)
        )

    async def revoke_key(self, key: int) -> None:
        """It works no more."""
        return await self._calls._run(self._by.revoke_key, key)

    async def register_user(
        self,
        phone: str,
        *,
        username: str | None = None,
        display_name: str = "",
        about: str = "",
        avatar: str = "",
    ) -> User:
        """Makes a user."""
        return await self._calls._run(
            self._by.register_user, phone, username, display_name, about, avatar
        )

    async def update_user(
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
        return await self._calls._run(
            self._by.update_user,
            user, phone, username, display_name, about, avatar, read_receipts, presence_to
        )

    async def create_session(self, user: int, device_name: str = "") -> NewSession:
        """A login of a user."""
        return await self._calls._run(self._by.create_session, user, device_name)

    async def rename_session(self, user: int, session: int, device_name: str) -> Session:
        """Gives a device another name."""
        return await self._calls._run(self._by.rename_session, user, session, device_name)

    async def revoke_session(self, user: int, session: int) -> None:
        """Ends one."""
        return await self._calls._run(self._by.revoke_session, user, session)

    async def alert(
        self, users: Iterable[int], text: str, *, lifetime: timedelta = timedelta(days=30)
    ) -> None:
        """Tells all of these users something, or none of them."""
        return await self._calls._run(self._by.alert, tuple(users), text, lifetime)

    def list_audit(self, *, page_size: int | None = None) -> AsyncListing[AuditEntry]:
        """What was done, the newest first."""
        return AsyncListing(lambda cursor: self._calls._run(
            self._by.list_audit, page_size or 0, cursor
        ))
