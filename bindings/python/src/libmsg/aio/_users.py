# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../_calls/users.py: change that one.
"""Users, and what other programs call them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..local import ExternalId
from ..pages import AsyncListing
from ..types import Audience, SignedIn, User
from ._base import Calls


class Users(Calls):
    __slots__ = ()

    async def register_user(
        self,
        phone: str,
        *,
        username: str | None = None,
        display_name: str = "",
        about: str = "",
        avatar: str = "",
    ) -> User:
        """Makes a user. The phone number may be spelt in any usual international way.

        Conflict with field "phone" or "username": taken.
        """
        return await self._run(
            self._store.register_user, phone, username, display_name, about, avatar
        )

    async def load_user(self, user: int) -> User:
        """The user with an id."""
        return await self._run(self._store.load_user, user)

    async def load_user_by_phone(self, phone: str) -> User:
        """The user with a number, in any spelling that register_user takes."""
        return await self._run(self._store.load_user_by_phone, phone)

    async def load_user_by_username(self, username: str) -> User:
        """The user with a name."""
        return await self._run(self._store.load_user_by_username, username)

    async def update_user(
        self,
        actor: int,
        *,
        phone: str | None = None,
        username: str | None = None,
        display_name: str | None = None,
        about: str | None = None,
        avatar: str | None = None,
        read_receipts: bool | None = None,
        presence_to: Audience | str | None = None,
    ) -> User:
        """Changes what is given; username "" gives the name up."""
        return await self._run(
            self._store.update_user,
            actor, phone, username, display_name, about, avatar, read_receipts, presence_to
        )

    def list_users(self, *, page_size: int | None = None) -> AsyncListing[User]:
        """Everybody, ascending by id, which is by age."""
        return AsyncListing(lambda cursor: self._run(
            self._store.list_users, page_size or 0, cursor
        ))

    async def note_last_seen(self, seen: Iterable[tuple[int, datetime]]) -> None:
        """Stores when users, by their ids, were last there, in one commit; never an earlier time."""
        return await self._run(self._store.note_last_seen, tuple(seen))

    async def sign_in_external(
        self,
        issuer: str,
        subject: str,
        *,
        display_name: str | None = None,
        phone: str | None = None,
        device_name: str = "",
    ) -> SignedIn:
        """A new session of the user whom an issuer calls `subject`, and who is made if need be.

        The rest is taken when the user is made, and never again; a phone number is believed.
        """
        return SignedIn(
            *await self._run(
                self._store.sign_in_external, issuer, subject, display_name, phone, device_name
            )
        )

    async def load_user_by_external_id(self, issuer: str, subject: str) -> User:
        """The user whom an issuer calls so; NotFound: nobody signed in by that name."""
        return await self._run(self._store.load_user_by_external_id, issuer, subject)

    async def list_external_ids(self, user: int) -> tuple[ExternalId, ...]:
        """How issuers call a user, at most one each."""
        return tuple(ExternalId(*pair) for pair in await self._run(
            self._store.list_external_ids, user
        ))
